"""fsspec's drivers of object stores: opened, asked patiently, and what they raise as one sentence."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from auditor.errors import InputError, UnreachableError, UsageError

_Answer = TypeVar("_Answer")
WAITS_S = (0.5, 2.0)  # before a question is asked again


def system_of(address: str) -> tuple[Any, str]:
    """The driver's file system, without what it remembers of earlier questions, and the path inside it."""
    from fsspec.core import url_to_fs  # noqa: PLC0415

    options: dict[str, Any] = {"host_key_policy": _known_hosts()} if address.startswith("sftp:") else {}
    system, path = url_to_fs(address, **options)
    system.invalidate_cache()
    return system, path


def patiently(ask: Callable[[], _Answer], *, address: str) -> _Answer:
    """What a store answers, asked again after failures that may pass.

    Raises:
        FileNotFoundError: as the driver says.
        PermissionError: as the driver says.
        UnreachableError: they did not pass.
    """
    for wait_s in (*WAITS_S, None):
        try:
            return ask()
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as error:
            if wait_s is None:
                raise UnreachableError(
                    f"{address} could not be read: the connection to its store was lost"
                    f" ({_first_line(error)}); try again when it is back."
                ) from None
            time.sleep(wait_s)
    raise AssertionError("the last wait is None")


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """What a driver may raise, as one sentence; that something is not there is left to the caller.

    Raises:
        FileNotFoundError: as the driver says.
        UsageError: the driver is missing.
        InputError: no access, or no connection.
    """
    try:
        yield
    except (FileNotFoundError, InputError, UsageError):
        raise
    except ImportError:
        raise UsageError(
            f"{address}: the driver of {address.partition('://')[0]}:// is missing; run `pip install"
            " 'phone-etiquette-auditor[storage]'`."
        ) from None
    except PermissionError:
        raise InputError(
            f"{address} may not be read; give the driver credentials that may, in its own environment."
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # what is full is the disk here
        raise UnreachableError(
            f"{address} cannot be reached ({_first_line(error)}); check connection and credentials."
        ) from None


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0].rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@cache
def _known_hosts() -> type[Any]:
    """A policy that knows the hosts that the user's ssh knows; fsspec's own takes whoever answers."""
    import paramiko  # noqa: PLC0415

    class KnownHosts(paramiko.MissingHostKeyPolicy):
        def missing_host_key(self, client: object, hostname: str, key: Any) -> None:
            del client
            file = Path("~/.ssh/known_hosts").expanduser()
            known = paramiko.HostKeys(str(file) if file.is_file() else None)
            if not known.check(hostname, key):
                raise paramiko.SSHException(
                    f"{hostname} does not stand in {file} with this key; connect once with sftp"
                )

    return KnownHosts
