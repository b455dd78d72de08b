"""Starting the site: where it listens, what it warns of, and what a real connection gets."""

import contextlib
import io
import re
import socket
import sqlite3

import pytest
from client import Browser
from serving import serving
from site_store import PASSWORD

from auditor.errors import StoreError, UsageError
from auditor.store import accounts, open_store
from auditor.store.migrations import VERSION_TABLE
from auditor.web.app import make_app
from auditor.web.options import SiteOptions
from auditor.web.serve import Listening, check_listening, open_socket, with_set_up


@pytest.fixture
def empty(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/new.db") as store:
        yield store


@pytest.mark.parametrize(
    ("listening", "warns"),
    [
        (Listening(), False),
        (Listening(host="localhost"), False),
        (Listening(host="::1"), False),
        (Listening(host="0.0.0.0"), True),
        (Listening(host="192.168.1.5"), True),
        (Listening(host="0.0.0.0", proxies=("127.0.0.1",)), False),
    ],
)
def test_plain_http_beyond_this_machine_is_warned_of(listening, warns):
    warning = check_listening(listening)
    assert (warning is not None and "readable for everybody" in warning) == warns


def test_half_a_certificate_and_a_taken_port_are_refused(tmp_path):
    with pytest.raises(UsageError, match="--tls-key"):
        check_listening(Listening(certificate=tmp_path / "a.pem"))
    with open_socket(Listening(port=0)) as taken:
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen"):
            open_socket(Listening(port=taken.getsockname()[1]))


def test_the_set_up_link_works_once_and_only_on_this_machine(empty):
    assert with_set_up(SiteOptions(), store=empty, listening=Listening(host="0.0.0.0")).set_up is None
    options = with_set_up(SiteOptions(), store=empty, listening=Listening())
    client = Browser(make_app(empty, options=options), base_url="http://127.0.0.1:8600")
    assert client.get("/set-up?word=guess").status_code == 404
    link = f"/set-up?word={options.set_up}"
    filled = {"word": options.set_up, "name": "Chief", "password": PASSWORD, "again": PASSWORD}
    assert client.submit("/set-up", on=link, **{**filled, "again": "x"}).status_code == 422
    assert client.submit("/set-up", on=link, **filled).status_code == 303
    assert client.get("/accounts").status_code == 200
    assert [(each.name, each.role) for each in accounts(empty)] == [("chief", "admin")]
    again = Browser(make_app(empty, options=options), base_url="http://127.0.0.1:8600")
    assert again.submit("/set-up", on=link, **{**filled, "name": "second"}).status_code == 422
    assert with_set_up(SiteOptions(), store=empty, listening=Listening()).set_up is None


def test_ten_megabytes_of_query_are_refused_and_the_site_goes_on(empty):
    with serving(empty) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            answer = b""
            with contextlib.suppress(OSError):  # it may hang up while we are still talking
                connection.sendall(b"GET /login?q=" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(OSError):
                answer = connection.recv(100)
        assert answer[:12] in (b"HTTP/1.1 400", b"")
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_a_store_of_a_newer_version_is_refused_with_a_sentence(tmp_path, run_auditor):
    open_store(f"sqlite:///{tmp_path}/new.db").close()
    with sqlite3.connect(tmp_path / "new.db") as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    code, _, err = run_auditor("serve", "--store", f"sqlite:///{tmp_path}/new.db", "--port", "0")
    assert code == 2 and "newer auditor" in err and "Traceback" not in err


def test_a_store_that_breaks_while_the_site_runs_is_a_sentence(as_, monkeypatch):
    def broken(*_, **__):
        raise StoreError("sqlite:///audits.db: the database is damaged; restore a copy.")

    me = as_("root")
    monkeypatch.setattr("auditor.web.scope.fullest_edition", broken)
    answer = me.get("/")
    assert answer.status_code == 503 and "暂时不能使用" in answer.text


def test_what_breaks_inside_is_a_sentence_with_the_security_headers(as_, monkeypatch):
    me = as_("root")
    monkeypatch.setattr("auditor.web.routes.runs.runs", lambda *_, **__: 1 / 0)
    answer = me.get("/runs")
    assert answer.status_code == 500 and "ZeroDivision" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_nothing_is_shown_that_the_log_cannot_keep(as_, monkeypatch):
    def full(*_):
        raise StoreError("there is no room left on its disk.")

    me = as_("root")
    monkeypatch.setattr("auditor.web.logbook.transact", full)
    assert me.get("/rules").status_code == 503


def test_a_proxy_s_path_stands_before_every_address(store):
    app = make_app(store, options=SiteOptions(root_path="/audit"))
    client = Browser(app, base_url="https://qc.example", root_path="/audit")
    page = client.get("/audit/login")
    assert page.status_code == 200
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
    assert links and all(each.startswith("/audit/") for each in links)
    cookie = page.headers["set-cookie"].lower()
    assert "secure" in cookie and "path=/audit" in cookie
    assert "max-age=31536000" in page.headers["strict-transport-security"]


def test_accounts_are_made_listed_and_disabled_on_the_command_line(run_auditor, monkeypatch, tmp_path):
    store = ("--store", f"sqlite:///{tmp_path}/new.db")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse 7\n"))
    wanted = ("--role", "supervisor", "--team", "一组", "--password-stdin")
    assert run_auditor("users", "add", "Li", *wanted, *store) == (0, "Li: added as supervisor.\n", "")
    for wrong in (
        ("add", "li", "--role", "admin", "--openid"),
        ("add", "x", "--role", "agent", "--openid"),
        ("add", "x", "--role", "supervisor", "--openid"),
        ("add", "x", "--role", "admin", "--team", "一组", "--openid"),
        ("add", "a b", "--role", "admin", "--openid"),
        ("disable", "nobody"),
    ):
        code, _, err = run_auditor("users", *wrong, *store)
        assert code == 2 and err.startswith("auditor: ") and err.count("\n") == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run_auditor("users", "password", "li", "--password-stdin", *store)[0] == 2
    assert run_auditor("users", "disable", "LI", *store)[0] == 0
    code, out, _ = run_auditor("users", "list", *store)
    assert (code, out) == (0, "li\tsupervisor\t一组\tpassword\tdisabled\tli\n")
