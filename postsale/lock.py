"""One process at a time in a folder.

The lock is the kernel's (``flock``, so Linux and macOS): it ends with the process that holds it, however that ends. A child that
inherits the descriptor holds it too: a killed run stays locked until the dbt it had started is gone.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FILE = ".lock"


class BusyError(Exception):
    """Another process is at work in the folder; the message names it and says what to do."""


@dataclass(frozen=True)
class Lock:
    """A lock that is held. ``descriptor`` is what a child has to inherit to hold it as well."""

    descriptor: int
    command: str

    def tell(self, child: int | None = None) -> None:
        """Notes for others who holds the lock: this process, and the child that may outlive it."""
        note = {"command": self.command, "process": os.getpid(), "child": child}
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, json.dumps(note).encode(), 0)


@contextmanager
def only_one(folder: Path, command: str) -> Iterator[Lock]:
    """Holds the lock of ``folder``, which is made if need be, while ``command`` works in it.

    Raises BusyError at once if another process has it, OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(_who_is_busy(descriptor, folder)) from None
        lock = Lock(descriptor, command)
        lock.tell()
        yield lock
    finally:
        os.close(descriptor)


def _who_is_busy(descriptor: int, folder: Path) -> str:
    try:
        note = json.loads(os.pread(descriptor, 1000, 0))
        command, process, child = note["command"], note["process"], note["child"]
    except (ValueError, KeyError, TypeError):  # the other has not written its note yet
        return f"Another process is at work in {folder}. Run again when it is done, or with another folder."
    if child is not None and not _is_alive(process):
        return (
            f"`postsale {command}` (process {process}) in {folder} was killed, but the dbt it had started (process {child}) is still"
            f" at work. Run again when that has ended, or end it: kill {child}"
        )
    return f"`postsale {command}` is at work in {folder} (process {process}). Run again when it is done, or with another folder."


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
