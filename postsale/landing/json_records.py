"""Records of JSON files: an array of objects, or one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from postsale.landing.text import (
    MAX_RECORD_CHARACTERS,
    TOO_LONG,
    Line,
    Lines,
    Scanned,
    UnreadableError,
    match_end,
    normal_name,
    open_text,
    read_chunk,
    text_fault,
)

# An item: line number, text, its values by normal key or null, fault or nothing.
_Item = tuple[int, str, dict[str, Any] | None, str]


class _Number(str):
    """A number as it is written: 1.10 stays 1.10."""


class _RepeatedKeyError(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _RepeatedKeyError
    return result


_OBJECTS = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_Number, parse_int=_Number, parse_constant=_Number
)
_BOUNDARIES = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANKS = re.compile(r"[ \t\r\n]*+")


def json_keys(path: Path, encoding: str) -> tuple[str, ...]:
    """The normal keys of all good records, in the order of the file. Raises UnreadableError."""
    return tuple(dict.fromkeys(key for _, _, record, _ in _items(path, encoding) if record for key in record))


def json_records(path: Path, keys: Sequence[str], encoding: str) -> Iterator[Scanned]:
    """The records as CSV, with one field a key. Raises UnreadableError for an array that breaks off."""
    for number, text, record, fault in _items(path, encoding):
        if record is None:
            yield number, text, fault
            continue
        row = ",".join(_csv_value(record.get(key)) for key in keys)
        fault = text_fault(row, encoding)
        yield number, text if fault else row, fault


def _items(path: Path, encoding: str) -> Iterator[_Item]:
    first = ""
    with open_text(path, encoding, "\n") as stream:
        while not first and (chunk := read_chunk(stream)):
            first = chunk.lstrip(" \t\r\n")[:2]
    if first.rstrip("\r\n") == "{":
        raise UnreadableError("it is neither an array of objects nor one object a line")
    with open_text(path, encoding, "\n") as stream:
        texts = _array_elements(_ArrayText(stream)) if first.startswith("[") else _text_lines(stream)
        for number, text in texts:
            is_too_long = len(text) > MAX_RECORD_CHARACTERS
            record, fault = (None, TOO_LONG) if is_too_long else _parse_object(text, encoding)
            yield number, text, record, fault


def _text_lines(stream: TextIO) -> Iterator[Line]:
    lines = Lines(stream, "\n")
    while (line := lines.take()) is not None:
        if line[1].strip():
            yield line[0], line[1].strip(" \t\r\n")


class _ArrayText:
    """The text of a JSON array, read on as its elements need it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._position = 0
        self._is_at_end = False
        self.line_number = 1

    def peek(self) -> str:
        """The next character that is not blank; nothing at the end."""
        while True:
            end = match_end(_BLANKS, self._text, self._position)
            self.line_number += self._text.count("\n", self._position, end)
            self._position = end
            if end < len(self._text):
                return self._text[end]
            if self._is_at_end:
                return ""
            self._read_on()

    def skip(self) -> None:
        self._position += 1

    def take_element(self) -> str:
        while True:
            try:
                _, end = _BOUNDARIES.raw_decode(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if self._is_at_end or len(self._text) - self._position > MAX_RECORD_CHARACTERS:
                    raise self.broken() from error
            else:
                if end < len(self._text) or self._is_at_end:
                    element = self._text[self._position : end]
                    self._position = end
                    return element
            self._read_on()

    def broken(self) -> UnreadableError:
        return UnreadableError(f"line {self.line_number}: the JSON array breaks off or is wrong here")

    def _read_on(self) -> None:
        chunk = read_chunk(self._stream)
        self._text = self._text[self._position :] + chunk
        self._position = 0
        self._is_at_end = not chunk


def _array_elements(array: _ArrayText) -> Iterator[Line]:
    array.peek()
    array.skip()
    character = array.peek()
    while character != "]":
        element = array.take_element()
        yield array.line_number, element
        array.line_number += element.count("\n")
        character = array.peek()
        if character == ",":
            array.skip()
            character = "," if array.peek() != "]" else ""
        if character not in {",", "]"}:
            raise array.broken()
    array.skip()
    if array.peek():
        raise UnreadableError(f"line {array.line_number}: there is text behind the JSON array")


def _parse_object(text: str, encoding: str) -> tuple[dict[str, Any] | None, str]:
    try:
        value = _OBJECTS.decode(text)
    except _RepeatedKeyError:
        return None, "an object has a key twice"
    except json.JSONDecodeError as error:
        return None, f"no valid JSON: {error.msg}"
    except RecursionError:
        return None, "no valid JSON: nested too deep"
    if not isinstance(value, dict):
        return None, "no JSON object"
    record = {normal_name(key): item for key, item in value.items()}
    if len(record) < len(value):
        return None, "two keys are the same in lower case"
    fault = text_fault("".join(record), encoding)
    return (None, fault) if fault else (record, "")


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _json_text(value)
    return '"' + text.replace('"', '""') + '"'


def _json_text(value: Any) -> str:
    """Compact JSON, with numbers as they are written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json_text(key)}:{_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)
