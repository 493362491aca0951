"""Text files: encodings, line ends and lines."""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, AnyStr, BinaryIO, TextIO, cast

MAX_RECORD_CHARACTERS = 4 * 1024 * 1024

TOO_LONG = f"longer than {MAX_RECORD_CHARACTERS} characters"

# A byte that is no text is marked as a lone surrogate, which no text has; its line can then be found.
BAD_TEXT = re.compile("[\0\ud800-\udfff]")

# A scanned record: line number, text (a good one as CSV, a malformed one as in the file), fault or nothing.
Scanned = tuple[int, str, str]

# A line with its number, counted from 1, and its line end.
Line = tuple[int, str]

_CHUNK_SIZE = 1024 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODECS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
_TRUE_NON_ASCII = re.compile("[^\0-\x7f\udc00-\udcff]")
_MARK_ERRORS = "postsale_mark"


class UnreadableError(Exception):
    """One file cannot be read; the message says why, without the file's name."""


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK_ERRORS, _mark_bad_bytes)


def read_chunk(stream: IO[AnyStr]) -> AnyStr:
    """The next megabyte, or million characters, of a stream; nothing at its end."""
    return stream.read(_CHUNK_SIZE)


@contextmanager
def open_text(path: Path, encoding: str, newline: str) -> Iterator[TextIO]:
    """A text file, unpacked if it ends with .gz; bytes that are no text come as lone surrogates."""
    with _open_bytes(path) as binary:
        codec = _CODECS.get(encoding, encoding)
        with io.TextIOWrapper(binary, encoding=codec, errors=_MARK_ERRORS, newline=newline) as stream:
            yield stream


def _open_bytes(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix.lower() == ".gz" else path.open("rb")


def detect_encoding(path: Path) -> str:
    """utf-8, utf-16, utf-16-le, utf-16-be, utf-32 or windows-1252."""
    with _open_bytes(path) as stream:
        chunk = read_chunk(stream)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if chunk.startswith(mark):
                return encoding
        if re.match(rb"[^\0]\0[^\0]\0", chunk):
            return "utf-16-le"
        if re.match(rb"\0[^\0]\0[^\0]", chunk):
            return "utf-16-be"
        return _utf_8_or_windows(chunk, stream)


def _utf_8_or_windows(chunk: bytes, stream: BinaryIO) -> str:
    """One valid character beyond ASCII makes a file UTF-8: bad bytes are then a fault of their lines."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors=_MARK_ERRORS)
    has_bad_bytes = False
    while True:
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            if _TRUE_NON_ASCII.search(text):
                return "utf-8"
            has_bad_bytes = True
        if not chunk:
            return "windows-1252" if has_bad_bytes else "utf-8"
        chunk = read_chunk(stream)


def detect_newline(path: Path, encoding: str) -> str:
    """Carriage return alone ends lines only where the header ends with one."""
    with open_text(path, encoding, "") as stream:
        head = read_chunk(stream)
    end = re.match(r'(?:[^"\r\n]|"[^"]*+")*+(\r*\n|\r)', head.lstrip("\r\n") or head)
    return "\r" if end and end[1] == "\r" else "\n"


def text_fault(text: str, encoding: str) -> str:
    """Why `text` cannot be landed, or nothing."""
    bad = BAD_TEXT.search(text)
    if bad is None:
        return ""
    return "a NUL character" if bad[0] == "\0" else f"bytes that are no {encoding}"


def normal_name(name: str) -> str:
    """A column name or key as names are compared and landed: trimmed, in lower case."""
    # Some tools write names with a second pair of quotes, which are no part of the name.
    return name.strip(' \t\r\n\xa0\ufeff"').lower()


def column_name(name: str, known: Collection[str]) -> str:
    """A header's name as it is landed: a display name is the known column that it is in snake case.

    `Project: ID` is project_id, `1. Account` is account. What is one word already, such as `_time_spent`, is no display name.
    """
    plain = normal_name(name)
    if plain in known or not re.search(r"\W", plain):
        return plain
    snake = re.sub(r"\W+", "_", plain).lstrip("0123456789_").rstrip("_")
    return snake if snake in known else plain


def match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a pattern that also matches nothing ends."""
    match = pattern.match(text, position)
    return match.end() if match else position


class Lines:
    """The lines of a file, with their numbers and line ends; lines given back are taken again."""

    def __init__(self, stream: TextIO, newline: str) -> None:
        self._stream = stream
        self._newline = newline
        self._number = 0
        self._given_back: deque[Line] = deque()

    def take(self) -> Line | None:
        """The next line; of one that is too long only the start, a character more than a record can have."""
        if self._given_back:
            return self._given_back.popleft()
        limit = MAX_RECORD_CHARACTERS + 1
        line = self._stream.readline(limit)
        if not line:
            return None
        self._number += 1
        rest = line
        while len(rest) == limit and not rest.endswith(self._newline):
            rest = self._stream.readline(limit)
        return self._number, line

    def take_text(self) -> Line | None:
        """The next line that has a character."""
        while (line := self.take()) is not None and not line[1].strip("\r\n"):
            pass
        return line

    def give_back(self, lines: Sequence[Line]) -> None:
        """Has lines taken again, in their order, before the rest of the file."""
        self._given_back.extendleft(reversed(lines))
