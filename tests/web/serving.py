"""A site that really listens, for browsers."""

import threading
import time
from contextlib import contextmanager

import uvicorn

from auditor.web.app import make_app
from auditor.web.serve import Listening, open_socket


@contextmanager
def serving(store, *, options=None):
    """The address of a site over a store, on a free port of this machine."""
    with open_socket(Listening(port=0)) as listener:
        config = uvicorn.Config(
            make_app(store, options=options), http="h11", ws="none", log_level="warning", access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
