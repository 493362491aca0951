"""Records of delimited files: quoting, line ends inside quotes, and what makes a record malformed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from postsale.landing.text import (
    BAD_TEXT,
    MAX_RECORD_CHARACTERS,
    TOO_LONG,
    Line,
    Lines,
    Scanned,
    match_end,
    text_fault,
)

_NEVER_CLOSED = "a quote is opened and never closed"
_TEXT_BEHIND_QUOTE = "text behind a closing quote"
_STRAY_LINE_END = "a carriage return outside quotes"
_STRAY_QUOTE = "a quote in an odd place, below a line with a broken quote"
_BROKEN_QUOTE = (_NEVER_CLOSED, _TEXT_BEHIND_QUOTE)

_OPENING = re.compile(' *+"')
_INSIDE = re.compile('(?:[^"]++|"")*+')
_SPACES = re.compile(" *+")


@dataclass(frozen=True)
class Assembled:
    """One record over all its lines; quoted fields keep their quotes."""

    lines: list[Line]
    fields: list[str]
    fault: str
    has_stray_quote: bool


def assemble(lines: Lines, first: Line, delimiter: str) -> Assembled:
    """Reads one record on from its `first` line, up to where it ends or proves to be broken."""
    parser = _RecordParser(delimiter)
    taken = [first]
    size = len(first[1])
    fault = parser.feed(first[1])
    while parser.is_open:
        line = lines.take()
        if line is not None:
            taken.append(line)
            size += len(line[1])
        if line is None or size > MAX_RECORD_CHARACTERS:
            fault = _NEVER_CLOSED
            break
        fault = parser.feed(line[1])
    return Assembled(taken, parser.fields, fault, parser.has_stray_quote)


def delimited_records(lines: Lines, delimiter: str, width: int, encoding: str) -> Iterator[Scanned]:
    """The records below the header, `width` fields each."""
    is_record = _record_pattern(delimiter, width).fullmatch
    may_be_inside_quotes = False
    while (line := lines.take_text()) is not None:
        number, raw = line
        text = raw.rstrip("\r\n")
        if len(text) > MAX_RECORD_CHARACTERS:
            yield number, text, TOO_LONG
        elif (
            text.isascii() and '"' not in text and "\r" not in text and "\n" not in text and "\0" not in text
        ):
            # Nearly every line of nearly every file.
            found = text.count(delimiter) + 1
            yield number, text, "" if found == width else _width_fault(found, width)
        elif not may_be_inside_quotes and is_record(text) and not BAD_TEXT.search(text):
            yield number, text, ""
        else:
            record = assemble(lines, line, delimiter)
            has_odd_quotes = raw.count('"') % 2 == 1
            fault = record.fault
            if fault in _BROKEN_QUOTE:
                lines.give_back(record.lines[1:])
                may_be_inside_quotes |= has_odd_quotes
                yield number, text, fault
                continue
            if may_be_inside_quotes and record.has_stray_quote:
                fault = _STRAY_QUOTE
                may_be_inside_quotes = not has_odd_quotes
            whole = "".join(part for _, part in record.lines).rstrip("\r\n")
            if not fault and len(record.fields) != width:
                fault = _width_fault(len(record.fields), width)
            fault = fault or text_fault(whole, encoding)
            yield number, whole if fault else delimiter.join(record.fields), fault


def _width_fault(found: int, width: int) -> str:
    return f"{found} fields, the header has {width}"


@lru_cache(maxsize=64)
def _record_pattern(delimiter: str, width: int) -> re.Pattern[str]:
    """One whole record of `width` fields on one line, without spaces around quotes."""
    field = f'(?:"(?:[^"]++|"")*+"|(?! *")[^{re.escape(delimiter)}\r\n]*+)'
    return re.compile(f"{field}(?:{re.escape(delimiter)}{field}){{{width - 1}}}")


@lru_cache(maxsize=8)
def _bare_field(delimiter: str) -> re.Pattern[str]:
    return re.compile(f"[^{re.escape(delimiter)}\r\n]*+")


class _RecordParser:
    """Takes the lines of one record and splits it into fields; quoted fields keep their quotes."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._bare = _bare_field(delimiter)
        self._open: list[str] = []
        self.fields: list[str] = []
        self.has_stray_quote = False

    @property
    def is_open(self) -> bool:
        """The last line ended inside quotes."""
        return bool(self._open)

    def feed(self, line: str) -> str:
        """Takes one line, returns its fault or nothing."""
        position = 0
        while True:
            position = self._take_field(line, position)
            if self.is_open:
                return ""
            if not line.startswith(self._delimiter, position):
                break
            position += 1
        if not line[position:].strip("\r\n"):
            return ""
        return _STRAY_LINE_END if line[position] in "\r\n" else _TEXT_BEHIND_QUOTE

    def _take_field(self, line: str, position: int) -> int:
        if not self.is_open:
            opening = _OPENING.match(line, position)
            if opening is None:
                end = match_end(self._bare, line, position)
                self.fields.append(line[position:end])
                self.has_stray_quote |= '"' in self.fields[-1]
                return end
            self._open = ['"']
            position = opening.end()
        end = match_end(_INSIDE, line, position)
        self._open.append(line[position:end])
        if end == len(line):
            return end
        self.fields.append("".join(self._open) + '"')
        self._open = []
        return match_end(_SPACES, line, end + 1)
