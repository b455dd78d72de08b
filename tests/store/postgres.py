"""A PostgreSQL cluster of the tests' own: loopback, its own folder, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

_INITDB = ("-U", "tests", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")


def programs():
    """The folder of initdb and postgres, the newest; None where PostgreSQL is not installed."""
    found = [Path(path).parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    wanted = ("initdb", "postgres", "pg_isready")
    return next((folder for folder in found if all((folder / name).exists() for name in wanted)), None)


def as_user():
    """The command prefix that gives up root, which the server refuses; None where that is not possible."""
    if os.getuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if setpriv := shutil.which("setpriv"):
            return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return None


def why_not():
    """Why there can be no cluster here; None: there can."""
    if programs() is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if as_user() is None:
        return "PostgreSQL refuses to run as root, and there is no setpriv to give root up"
    return None


class Cluster:
    """A running server; ``url`` is one of its databases."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.process = None

    def start(self):
        command = [str(programs() / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-k", str(self.folder)]
        command += ["-c", "fsync=off"]  # a test survives no power cut, and no test cuts the power
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            as_user() + command, stdout=log, stderr=log, cwd="/", start_new_session=True
        )
        until = time.monotonic() + 30
        while subprocess.run(
            [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            assert self.process.poll() is None and time.monotonic() < until, self.log()
            time.sleep(0.05)

    def kill(self):
        """kill -9 of the whole server, as a power cut does it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def sql(self, statement, name="postgres"):
        import psycopg

        with psycopg.connect(self.address(name), autocommit=True) as connection:
            connection.execute(statement)

    def address(self, name):
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def database(self, name, options=""):
        """A new empty database; returns its URL."""
        self.sql(f'CREATE DATABASE "{name}" {options}')
        return self.address(name)


@contextmanager
def running_cluster():
    """A fresh cluster; sockets want short paths, so it lies in the system's folder for temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    prefix = as_user()
    try:
        folder.chmod(0o777)
        subprocess.run(
            [*prefix, str(programs() / "initdb"), "-D", str(folder / "data"), *_INITDB],
            check=True,
            capture_output=True,
            cwd="/",
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cluster = Cluster(folder, port)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
