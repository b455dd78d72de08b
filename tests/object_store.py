"""Fixtures of an object store: a real S3 server on loopback (moto's), and an empty bucket ``night``."""

import pytest

from auditor.inputs import storage
from auditor.inputs.storage import forget_listings


@pytest.fixture(scope="module")
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
    monkeypatch.setattr(storage, "_WAITS_S", (0.0, 0.0))
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
