"""Fixtures of stored recordings: a real S3 server on loopback (moto's), and a real sftp server."""

import socket
import threading
from contextlib import suppress

import pytest

from auditor.inputs import stored_drivers
from auditor.inputs.storage import forget_listings


@pytest.fixture(scope="session")
def server():
    pytest.importorskip("s3fs", reason="object storage wants the extra `storage`")
    moto = pytest.importorskip("moto.server", reason="the S3 server of the tests is moto's")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, monkeypatch):
    """A bucket of its own; returns what puts bytes under a key."""
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(stored_drivers, "WAITS_S", (0.0, 0.0))
    s3fs.S3FileSystem.clear_instance_cache()
    forget_listings()
    system = s3fs.S3FileSystem(use_listings_cache=False)
    if system.exists("night"):
        system.rm("night", recursive=True)
    system.mkdir("night")

    def put(key, content):
        system.pipe_file(f"night/{key}", content)
        forget_listings()

    return put


@pytest.fixture
def sftp_folder(tmp_path, monkeypatch):
    """A folder behind an sftp server on loopback that the user's ssh knows; returns it and its address."""
    paramiko = pytest.importorskip("paramiko", reason="sftp wants the extra `storage`")
    pytest.importorskip("fsspec", reason="sftp wants the extra `storage`")
    folder, home = tmp_path / "served", tmp_path / "home"
    folder.mkdir()
    (home / ".ssh").mkdir(parents=True)
    host_key, user_key = paramiko.RSAKey.generate(2048), paramiko.RSAKey.generate(2048)
    user_key.write_private_key_file(str(home / ".ssh" / "id_rsa"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setattr(stored_drivers, "WAITS_S", (0.0, 0.0))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    known = paramiko.HostKeys()
    known.add(f"[127.0.0.1]:{port}", host_key.get_name(), host_key)
    known.save(str(home / ".ssh" / "known_hosts"))
    transports = []

    class Door(paramiko.ServerInterface):
        def get_allowed_auths(self, _username):
            return "publickey"

        def check_auth_publickey(self, _username, key):
            return paramiko.AUTH_SUCCESSFUL if key == user_key else paramiko.AUTH_FAILED

        def check_channel_request(self, _kind, _chanid):
            return paramiko.OPEN_SUCCEEDED

    class Files(paramiko.SFTPServerInterface):
        def stat(self, path):
            return self._asked(lambda: paramiko.SFTPAttributes.from_stat(self._here(path).stat()))

        lstat = stat

        def list_folder(self, path):
            def listed():
                return [
                    paramiko.SFTPAttributes.from_stat(each.stat(), each.name)
                    for each in self._here(path).iterdir()
                ]

            return self._asked(listed)

        def open(self, path, flags, _attr):
            def opened():
                handle = paramiko.SFTPHandle(flags)
                handle.readfile = self._here(path).open("rb")
                return handle

            return self._asked(opened)

        def _here(self, path):
            return folder / path.lstrip("/")

        def _asked(self, ask):
            try:
                return ask()
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno)

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transports.append(transport)
            transport.add_server_key(host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=Door())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    forget_listings()
    from fsspec.implementations.sftp import SFTPFileSystem

    SFTPFileSystem.clear_instance_cache()
    yield folder, f"sftp://auditor@127.0.0.1:{port}", home
    listener.close()
    for transport in transports:
        transport.close()
