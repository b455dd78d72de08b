"""What a batch shows while it runs: a live bar on a terminal, plain lines elsewhere, JSON lines in a file.

The log has one object a line: ``at`` (UTC), ``event``, and what belongs to it: ``begin`` (calls, left,
workers), ``started`` (call_id, paths, process_id), ``audited`` and ``judged`` (call_id, paths, result,
percent, duration_s, seconds), ``failed`` (call_id, paths, code, reason, attempts), ``stopping``, ``end`` (the
tally).
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from auditor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from rich.console import Console


PLAIN_EVERY_S = 30.0


class Counting(Protocol):
    """What is shown of a tally."""

    calls: int

    @property
    def done(self) -> int:
        """Calls that need nothing more in this run."""

    def line(self) -> str:
        """Where the run is, in one line."""


class Tell(Protocol):
    """Told what happens; ``facts`` are JSON-able."""

    def __call__(self, event: str, **facts: object) -> None:
        """Note one event; ``tick`` means that some time went by."""


@contextmanager
def show_progress(tally: Counting, *, console: Console, log: Path | None) -> Iterator[Tell]:
    """Somebody to tell, for as long as the batch lasts.

    Raises:
        UsageError: the log cannot be written.
    """
    with ExitStack() as stack:
        listeners: list[Tell] = []
        if log is not None:
            listeners.append(_log(stack.enter_context(_open(log)), console=console))
        view = _live(tally, console) if console.is_terminal else _plain(tally, console)
        listeners.append(stack.enter_context(view))

        def tell(event: str, **facts: object) -> None:
            for listener in listeners:
                listener(event, **facts)

        yield tell


@contextmanager
def _open(log: Path) -> Iterator[FileIO]:
    try:
        file = log.open("ab", buffering=0)
    except OSError as error:
        raise UsageError(
            f"{log}: the log cannot be written ({error.strerror}); choose another place."
        ) from None
    with file:
        yield file


def _log(file: FileIO, *, console: Console) -> Tell:
    """Lines in the file; on a disk that is full they are lost, and the batch goes on."""
    broken = torn = False

    def write(event: str, **facts: object) -> None:
        nonlocal broken, torn
        if event == "tick":
            return
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        text = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        try:
            written = file.write(b"\n" + text if torn else text)
            torn = written is not None and written < len(text)
            broken = torn
        except OSError as error:
            if not broken:
                _say(console, f"{file.name}: the log cannot be written now ({error.strerror}); going on.")
            broken = True

    return write


def failure_line(facts: dict[str, object]) -> str:
    """One failure in one line, whatever its file is called."""
    reason = str(facts.get("reason", ""))
    text = " ".join(reason.split()) if not reason.isprintable() else reason
    name = facts.get("call_id") or (facts.get("paths") or ["?"])[0]  # type: ignore[index]
    shown = str(name) if str(name).isprintable() else repr(name)
    return f"failed: {shown}: {text}"


@contextmanager
def _plain(tally: Counting, console: Console) -> Iterator[Tell]:
    last_s = time.monotonic()

    def tell(event: str, **facts: object) -> None:
        nonlocal last_s
        _say_event(console, event, facts)
        now_s = time.monotonic()
        if now_s - last_s >= PLAIN_EVERY_S:
            last_s = now_s
            _say(console, tally.line())

    yield tell


def _say_event(console: Console, event: str, facts: dict[str, object]) -> None:
    """What stays on the screen."""
    if event == "failed":
        _say(console, failure_line(facts))
    elif event == "stopping":
        _say(console, "stopping after the calls in hand; once more stops at once")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _live(tally: Counting, console: Console) -> Iterator[Tell]:
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(tally.line(), total=tally.calls)

        def tell(event: str, **facts: object) -> None:
            _say_event(console, event, facts)
            bar.update(task, completed=tally.done, total=tally.calls, description=tally.line())

        yield tell
