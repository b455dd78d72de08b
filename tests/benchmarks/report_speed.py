"""How long the reports on agents and teams take on a large store, such as `big_store.py` makes.

    python tests/benchmarks/report_speed.py URL --agent A0007 --team 班0 --from 2026-01-02 --to 2026-12-30

Every format, written as the command line writes it, in one process (its start and imports are in the first
figure). Goal: an agent's report over 2,000 calls < 3 s.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import time

from auditor import cli


def command(*arguments: str) -> int:
    """``auditor report …`` in this process; its exit code."""
    sys.argv = ["auditor", "report", *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--agent", required=True)
    parser.add_argument("--team", required=True)
    parser.add_argument("--from", dest="first", required=True)
    parser.add_argument("--to", dest="last", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = ("--store", options.url, "-o", folder, "--from", options.first, "--to", options.last)
        for kind in ("json", "html", "html", "csv", "xlsx"):
            for what in (("agent", options.agent), ("team", options.team)):
                begin = time.perf_counter()
                code = command(*what, *where, "--format", kind)
                print(
                    f"{' '.join(what)} {kind}: {time.perf_counter() - begin:.2f} s (exit code {code})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
