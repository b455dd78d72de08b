"""How fast each kind of page answers over a given store, the first time and later.

    python tests/benchmarks/site_pages.py URL [--rounds 5] [--only overview]

The site runs as `auditor serve` starts it. Before each kind of page it is started anew and left alone until
it has read its rulebook: so nothing of the page is kept in the process when it is asked for first (*cold*;
the system's own cache of the file is as it happens to be). Then the same page again, ``rounds`` times
(*warm*: what is kept for a minute may be used). *Processor* is what the first answer cost the process: the
rest of its time it waited for the disk, or for other programs. An account ``pages`` (administrator) signs in
once.
Goal: every page < 200 ms, also the first time, with 1,000,000 audits in the store.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
from sqlalchemy import select

from auditor.errors import UsageError
from auditor.store import add_account, agents, fullest_edition, newest_start, open_store, set_password, teams
from auditor.store.tables import AuditRow
from auditor.web.passwords import hash_password

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME, PASSWORD = "pages", "a long password of a benchmark"
GOAL_MS = 200.0


def pages_of(url: str) -> dict[str, str]:
    """Name -> path of one page of each kind, over the newest month and over a year."""
    with open_store(url, create=False) as store:
        try:
            add_account(store, name=NAME, role="admin", password=hash_password(PASSWORD))
        except UsageError:  # of the last time
            set_password(store, NAME, password=hash_password(PASSWORD))
        newest, edition = newest_start(store), fullest_edition(store)
        if newest is None or edition is None:
            raise SystemExit("the store holds no call with a start")
        agent = quote(agents(store)[len(agents(store)) // 2].code)
        team = quote(teams(store)[len(teams(store)) // 2])
        with store.reading() as session:
            query = select(AuditRow.id).where(edition.holds()).order_by(AuditRow.started_at.desc()).limit(1)
            call = session.scalar(query)
    year = f"from={newest.year}-01-01&to={newest.year}-12-31"
    month = f"from={newest:%Y-%m}-01&to={newest:%Y-%m-%d}"
    odd = f"from={newest.year - 1}-12-20&to={newest:%Y-%m}-20"  # no whole months at its ends
    return {
        "overview, year": f"/?{year}",
        "overview, odd year": f"/?{odd}",
        "overview, month": f"/?{month}",
        "overview, all time": "/?days=all",
        "teams, year": f"/teams?{year}",
        "team, year": f"/teams/{team}?{year}",
        "team, odd year": f"/teams/{team}?{odd}",
        "team, month": f"/teams/{team}?{month}",
        "agents, year": f"/agents?{year}",
        "agents, odd year": f"/agents?{odd}",
        "agent, year": f"/agents/{agent}?{year}",
        "agent, odd year": f"/agents/{agent}?{odd}",
        "agent, month": f"/agents/{agent}?{month}",
        "calls": f"/calls?{year}",
        "calls, critical": f"/calls?critical=1&{year}",
        "calls, one clause failed": f"/calls?rule=P3.2a&verdict=fail&{year}",
        "calls of an agent": f"/calls?agent={agent}&{year}",
        "call": f"/calls/{call}",
        "search": f"/search?q={quote('话费')}&{year}",
        "reviews": "/reviews",
        "appeals": "/appeals",
        "calibration": "/calibration",
        "rules": "/rules",
        "rule": "/rules/P3.2a",
        "runs": "/runs",
        "failures": "/failures",
        "accounts": "/accounts",
        "activities": "/activities",
    }


@contextmanager
def site(url: str) -> Iterator[tuple[str, int]]:
    """The site in a process of its own, when it has read its rulebook: its address and the process."""
    command = [sys.executable, "-m", "auditor.cli", "serve", "--store", url, "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        line = next(each for each in server.stderr if each.startswith("site:"))
        wait_until_idle(server.pid)
        yield line.split()[1].rstrip("/"), server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_idle(pid: int) -> None:
    """Until a process has used hardly any processor time for a second."""
    used = -1.0
    while (now := processor_s(pid)) - used > 0.02:
        used = now
        time.sleep(1)


def processor_s(pid: int) -> float:
    """The processor time that a process has used (Linux)."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def sign_in(address: str) -> httpx2.Cookies:
    """The cookies of a session, which outlive the process."""
    with httpx2.Client(base_url=address, timeout=60) as client:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/login").text)
        assert token
        data = {"name": NAME, "password": PASSWORD, "csrf": token[1]}
        assert client.post("/login", data=data).status_code == 303
        return client.cookies


def took_ms(client: httpx2.Client, path: str) -> float:
    """How long a page takes until its last byte."""
    begin = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return 1000 * (time.perf_counter() - begin)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="only pages whose name begins so")
    options = parser.parse_args()
    pages = {name: path for name, path in pages_of(options.url).items() if name.startswith(options.only)}
    with site(options.url) as (address, _):
        cookies = sign_in(address)
    late = 0
    print(f"{'page':28}{'cold':>10}{'processor':>12}{'warm':>10}")
    for name, path in pages.items():
        with (
            site(options.url) as (address, pid),
            httpx2.Client(base_url=address, cookies=cookies, timeout=60) as client,
        ):
            client.get("/static/site.css")  # the connection is there, and nothing of the store asked for
            before = processor_s(pid)
            cold = took_ms(client, path)
            spent = 1000 * (processor_s(pid) - before)
            warm = [took_ms(client, path) for _ in range(options.rounds)]
        late += cold > GOAL_MS
        print(f"{name:28}{cold:7.0f} ms{spent:9.0f} ms{statistics.median(warm):7.0f} ms", flush=True)
    print(f"{late} of {len(pages)} pages took longer than {GOAL_MS:.0f} ms the first time")


if __name__ == "__main__":
    main()
