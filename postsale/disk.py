"""Folders that are exchanged whole, and what a disk says when it cannot be written."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import duckdb

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)


def reason(error: OSError | duckdb.Error | str, folder: Path) -> str | None:
    """Why ``folder`` cannot be written and what to do, where ``error`` says so; None for any other error.

    Python, DuckDB and dbt all hand on the words of the operating system.
    """
    text = str(error)
    for code in _FULL:
        if os.strerror(code) in text:
            free = shutil.disk_usage(_existing(folder)).free
            return (
                f"{os.strerror(code)}: the disk of {folder} is full ({free / 1e6:,.0f} MB free now)."
                " Free some space, then run again."
            )
    for code in _UNWRITABLE:
        if os.strerror(code) in text:
            place = error.filename if isinstance(error, OSError) and error.filename else folder
            return (
                f"{os.strerror(code)}: {place} cannot be written."
                " Allow this user to write there, or give another folder, then run again."
            )
    return None


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def seal(folder: Path) -> None:
    """Forces a finished folder with all in it to disk and takes from everyone the right to write there."""
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(place, name)
            path.chmod(0o444)
            sync(path)
        Path(place).chmod(0o555)
        sync(Path(place))


def sync(path: Path) -> None:
    """Forces a file, or the entries of a folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: Path) -> None:
    """Removes a folder with all in it, sealed or not; none there is fine. Raises OSError."""
    if not folder.exists():
        return
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o755)  # before its entries are listed and removed
    shutil.rmtree(folder)


def point(link: Path, folder: Path) -> None:
    """Points ``link`` at its neighbour ``folder`` in one step: at no moment is there no link, or half of one."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.name, target_is_directory=True)
    os.replace(fresh, link)
    sync(link.parent)
