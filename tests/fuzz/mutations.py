"""Kinds of dirt. Each takes the clean rows of one company, spoils them, and says what has to become of them.

A kind declares its promise in full: the fate of every record, the reason that a set-aside one is given, the finding that
names it, and the clean rows (the twin) whose numbers the dirty company must have.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.fuzz.company import Row, Rows, column_names, columns_of, csv_text, tables

T = TypeVar("T")


class Draw:
    """What a kind draws from: hypothesis chooses, and shrinks what it chose."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def one(self, values: Sequence[T]) -> T:
        return self._draw(st.sampled_from(list(values)))  # type: ignore[no-any-return]

    def number(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def text(self, alphabet: str, low: int, high: int) -> str:
        return str(self._draw(st.text(alphabet, min_size=low, max_size=high)))

    def order(self, values: Sequence[T]) -> list[T]:
        shuffled = list(values)
        random.Random(self.number(0, 9999)).shuffle(shuffled)
        return shuffled


@dataclass(frozen=True, repr=False)
class Dirty:
    """The dirty files of one table, by the ending of their name, and what has to become of them.

    ``fates`` counts the records of the files by status; None where only their sum is known. ``twin`` are the rows whose
    numbers the company must have; None where no number can be expected. ``reasons`` is matched by the reason of every
    record that was set aside, ``findings`` each by one finding that names the company.
    """

    table: str
    files: Mapping[str, str | bytes]
    fates: Mapping[str, int] | None
    twin: Rows | None
    reasons: str = ""
    findings: Sequence[str] = ()
    other_rows: Rows = field(default_factory=dict)


Kind = Callable[[Draw, Rows, str], Dirty]
KINDS: dict[str, Kind] = {}

#: Each must be read by landing alone as one clear error: text and name of a file, and what the message has to say.
ERRORS: dict[str, Callable[[Draw, Rows], tuple[str, str | bytes, str]]] = {}


def kind(function: Kind) -> Kind:
    KINDS[function.__name__] = function
    return function


def error(
    function: Callable[[Draw, Rows], tuple[str, str | bytes, str]],
) -> Callable[[Draw, Rows], tuple[str, str | bytes, str]]:
    ERRORS[function.__name__] = function
    return function


BIG = ("contract_lines", "invoice_lines")
SEVERAL = ("customers", "products", "contract_lines", "contract_discounts", "invoice_lines", "product_usage")
EVERY = (*SEVERAL, "loss_reasons", "opportunities")


def harmless(table: str, rows: Rows, files: Mapping[str, str | bytes], **fates: int) -> Dirty:
    return Dirty(table, files, {"accepted": len(rows[table]), **fates}, rows)


def without(rows: Rows, table: str, *indexes: int) -> Rows:
    return {**rows, table: [row for index, row in enumerate(rows[table]) if index not in indexes]}


def changed(rows: Rows, table: str, index: int, **values: str) -> Rows:
    return {
        **rows,
        table: [{**row, **values} if number == index else row for number, row in enumerate(rows[table])],
    }


def spoilt(draw: Draw, rows: Rows, table: str, column: str, value: str, reasons: str) -> Dirty:
    """One value of one row is spoilt: the row is set aside, and the numbers are those without it."""
    index = draw.number(0, len(rows[table]) - 1)
    dirty = changed(rows, table, index, **{column: value})[table]
    fates = {"accepted": len(dirty) - 1, "rejected": 1}
    return Dirty(table, {".csv": csv_text(table, dirty)}, fates, without(rows, table, index), reasons)


def found(rows: Rows, table: str, *findings: str, twin: Rows | None = None) -> Dirty:
    """All rows are taken as they are, and findings name what is odd."""
    fates = {"accepted": len(rows[table])}
    return Dirty(table, {".csv": csv_text(table, rows[table])}, fates, twin, findings=findings)


# ---- the file, not its values --------------------------------------------------------------------------------------


@kind
def rows_in_another_order(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    return harmless(table, rows, {".csv": csv_text(table, draw.order(rows[table]))})


@kind
def columns_in_another_order(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    return harmless(table, rows, {".csv": csv_text(table, rows[table], draw.order(column_names(table)))})


@kind
def headers_in_another_case(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    dresses: list[Callable[[str], str]] = [
        str.upper,
        str.title,
        lambda name: f" {name} ",
        lambda name: f'"{name}\t"',
        lambda name: f"\ufeff{name}",
    ]
    dress = draw.one(dresses)
    lines = csv_text(table, rows[table]).splitlines()
    lines[0] = ",".join(dress(name) for name in lines[0].split(","))
    return harmless(table, rows, {".csv": "\n".join(lines) + "\n"})


@kind
def other_delimiters(draw: Draw, rows: Rows, _: str) -> Dirty:
    table, delimiter = draw.one(EVERY), draw.one(";\t|")
    text = csv_text(table, rows[table], delimiter=delimiter)
    return harmless(table, rows, {draw.one((".csv", ".txt", ".tsv")): text})


@kind
def other_line_ends(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    text = csv_text(table, rows[table])
    match draw.number(0, 3):
        case 0:
            text = text.replace("\n", "\r\n")
        case 1:
            text = text.replace("\n", "\r")
        case 2:
            text = text.rstrip("\n")
        case _:
            text = "\n\n" + text.replace("\n", "\n\r\n\n") + "\n"
    return harmless(table, rows, {".csv": text})


@kind
def other_encodings(draw: Draw, rows: Rows, _: str) -> Dirty:
    encoding = draw.one(("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"))
    return harmless("customers", rows, {".csv": csv_text("customers", rows["customers"]).encode(encoding)})


@kind
def other_formats(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    text = csv_text(table, rows[table])
    match draw.number(0, 4):
        case 0:
            return harmless(table, rows, {".csv.gz": gzip.compress(text.encode(), mtime=0)})
        case 1:
            return harmless(table, rows, {".jsonl": "".join(json.dumps(row) + "\n" for row in rows[table])})
        case 2:
            return harmless(table, rows, {".json": json.dumps(rows[table], indent=draw.number(0, 3))})
        case 3:
            values = [{name: value or None for name, value in row.items()} for row in rows[table]]
            return harmless(table, rows, {".json": json.dumps(values, ensure_ascii=False)})
        case _:
            return harmless(table, rows, {".parquet": _parquet(rows[table])})


def _parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), stream)  # type: ignore[no-untyped-call]
    return stream.getvalue()


@kind
def everything_quoted_with_line_ends_inside(draw: Draw, rows: Rows, _: str) -> Dirty:
    inside = draw.one(("Two\nlines", "Two\r\nlines", 'A "quoted"\nname, with comma', "\n;\t|", '""', ",,,"))
    dirty = changed(rows, "customers", draw.number(0, 2), account_name=inside)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, column_names("customers"), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dirty["customers"])
    # An empty text in quotes is empty all the same.
    return harmless("customers", dirty, {".csv": stream.getvalue()})


@kind
def added_columns(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    new = draw.one(
        (
            ["note"],
            ["", ""],
            ["note", "note"],
            ["_file", "_record"],
            ["x" * 300],
            ['sel"ect', "; drop table"],
            ["ämt"],
        )
    )
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    names = column_names(table)
    at = draw.number(0, len(names))
    writer.writerow([*names[:at], *new, *names[at:]])
    for row in rows[table]:
        values = [row[name] for name in names]
        writer.writerow([*values[:at], *["?"] * len(new), *values[at:]])
    return harmless(table, rows, {".csv": stream.getvalue()})


@kind
def dropped_columns(draw: Draw, rows: Rows, _: str) -> Dirty:
    """An optional column is gone: its values are unknown, and the file is named with it."""
    table = draw.one(EVERY)
    column = draw.one([column.name for column in tables()[table].columns if not column.is_required])
    twin = {**rows, table: [{**row, column: ""} for row in rows[table]]}
    text = csv_text(table, rows[table], [name for name in column_names(table) if name != column])
    fates = {"accepted": len(rows[table])}
    return Dirty(table, {".csv": text}, fates, twin, findings=[f"file lacks columns.*{column}"])


@kind
def renamed_columns(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    column = draw.one([column.name for column in tables()[table].columns if not column.is_required])
    twin = {**rows, table: [{**row, column: ""} for row in rows[table]]}
    text = re.sub(
        rf"\b{column}\b",
        draw.one((f"{column}_2", f"my {column}", f"{column}.")),
        csv_text(table, rows[table]),
        count=1,
    )
    fates = {"accepted": len(rows[table])}
    return Dirty(table, {".csv": text}, fates, twin, findings=[f"file lacks columns.*{column}"])


@kind
def empty_files_beside(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    empty = draw.one(
        ("", "\n\n", ",".join(column_names(table)), ",".join(column_names(table)) + "\r\n", "\ufeff")
    )
    return harmless(table, rows, {".csv": csv_text(table, rows[table]), "+.csv": empty})


@kind
def a_file_twice(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    text = csv_text(table, rows[table])
    return harmless(table, rows, {".csv": text, "+.csv": text}, exact_duplicate=len(rows[table]))


@kind
def repeated_rows(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    times = [draw.number(0, 3) for _ in rows[table]]
    repeated = [row for row, more in zip(rows[table], times, strict=True) for _ in range(more + 1)]
    return harmless(table, rows, {".csv": csv_text(table, draw.order(repeated))}, exact_duplicate=sum(times))


@kind
def an_older_drop_with_other_values(draw: Draw, rows: Rows, _: str) -> Dirty:
    index = draw.number(0, 3)
    older = changed(rows, "contract_lines", index, mrr_amount="77777", currency="USD", quantity="7")[
        "contract_lines"
    ]
    files = {
        ".csv": csv_text("contract_lines", older),
        "+.csv": csv_text("contract_lines", rows["contract_lines"]),
    }
    return harmless("contract_lines", rows, files, superseded=1, exact_duplicate=3)


# ---- lines -----------------------------------------------------------------------------------------------------------


def _malformed(table: str, rows: Rows, lines: Sequence[str], bad: int, reasons: str) -> Dirty:
    """Line ``bad`` of the file, header not counted, is set aside by landing."""
    fates = {"accepted": len(rows[table]) - 1, "malformed": 1}
    text = "\n".join(lines) + "\n"
    content = text.encode("utf-8", "surrogateescape")
    return Dirty(table, {".csv": content}, fates, without(rows, table, bad), reasons)


@kind
def too_few_or_many_fields(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    lines = csv_text(table, rows[table]).splitlines()
    bad = draw.number(0, len(rows[table]) - 1)
    fields = lines[bad + 1].split(",")
    at = draw.number(0, len(fields))
    lines[bad + 1] = ",".join(draw.one((fields[:at] or ["x"], [*fields, "more"], [*fields, *fields])))
    if lines[bad + 1].count(",") == lines[0].count(","):
        lines[bad + 1] += ","
    return _malformed(table, rows, lines, bad, r"fields, the header has|quote")


@kind
def quotes_never_closed(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("products", *BIG))
    lines = csv_text(table, rows[table]).splitlines()
    bad = draw.number(0, len(rows[table]) - 1)
    at = draw.number(0, lines[bad + 1].count(","))
    fields = lines[bad + 1].split(",")
    fields[at] = draw.one(('"', '"open', '"text"behind')) + fields[at]
    lines[bad + 1] = ",".join(fields)
    return _malformed(table, rows, lines, bad, "quote")


@kind
def bytes_that_are_no_text(draw: Draw, rows: Rows, _: str) -> Dirty:
    bad = draw.number(1, 2)  # the first customer has an umlaut that says: UTF-8
    byte = draw.one(("\udcff", "\udce4", "\udcc3(", "\udc80", "\0", "a\0b"))
    dirty = [
        {**row, "account_name": byte} if number == bad else row
        for number, row in enumerate(rows["customers"])
    ]
    lines = (
        csv_text("customers", dirty).splitlines()
        if byte not in {"\0", "a\0b"}
        else csv_text("customers", dirty).split("\n")[:-1]
    )
    return _malformed("customers", rows, lines, bad, "bytes that are no utf-8|a NUL character")


@kind
def endless_lines(draw: Draw, rows: Rows, _: str) -> Dirty:
    lines = csv_text("products", rows["products"]).splitlines()
    bad = draw.number(0, 2)
    lines[bad + 1] = draw.one(("x", '"', ",", '",')) * (4 * 1024 * 1024 + draw.number(1, 9))
    return _malformed("products", rows, lines, bad, "longer than|fields, the header has|quote")


@kind
def broken_json_lines(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(SEVERAL)
    lines = [json.dumps(row) for row in rows[table]]
    bad = draw.number(1, len(lines) - 1)
    good = lines[bad]
    wrong = (
        good[:-1],
        good + "}",
        "[1, 2]",
        "null",
        '{"a": 1, "a": 2}',
        "NaN",
        '{"a": "\\ud800"}',
        "[" * 5000,
    )
    lines[bad] = draw.one(wrong)
    reasons = "no valid JSON|no JSON object|a key twice|bytes that are no"
    fates = {"accepted": len(lines) - 1, "malformed": 1}
    return Dirty(table, {".jsonl": "\n".join(lines)}, fates, without(rows, table, bad), reasons)


@kind
def cut_off_files(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Rows behind the cut cannot be missed; a row that is cut is set aside, or reads as what is left of it."""
    table = draw.one(BIG)
    text = csv_text(table, rows[table])
    start = text.index("\n") + 1
    return Dirty(
        table,
        {".csv": text[: draw.number(start, len(text))]},
        None,
        None,
        "fields, the header has|is no|is empty|quote",
    )


# ---- values ------------------------------------------------------------------------------------------------------------


@kind
def impossible_dates(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    column = draw.one(columns_of(table, "date"))
    value = draw.one(
        (
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "0000-00-00",
            "2024-01-01 99:00:00",
            "2024-01-31 (BC)",
            "2024-1",
        )
    )
    return spoilt(draw, rows, table, column, value, rf"\b{column} is no date")


@kind
def dates_in_other_formats(draw: Draw, rows: Rows, _: str) -> Dirty:
    """A day that could be read in two ways is never guessed."""
    table = draw.one(EVERY)
    column = draw.one(columns_of(table, "date"))
    formats = ("31/12/2024", "12/31/2024", "01/02/2024", "31.12.2024", "20241231", "Dec 31, 2024", "45657", "31-Dec-2024", "2024/12/31",
               "2024-Dec-31", "1735603200", "yesterday", "24-12-31", "2024-12")  # fmt: skip
    return spoilt(draw, rows, table, column, draw.one(formats), rf"\b{column} is no date")


@kind
def dates_with_times(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    tail = draw.one(
        (" 00:00:00", "T00:00:00Z", "T00:00:00.000+0000", " 00:00:00+00", "T23:59:59Z", " 12:30:00 UTC", "  ")
    )
    dirty = [
        {
            name: value + tail if value and name in columns_of(table, "date") else value
            for name, value in row.items()
        }
        for row in rows[table]
    ]
    return harmless(table, rows, {".csv": csv_text(table, dirty)})


@kind
def numbers_that_are_none(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("contract_lines", "contract_discounts", "invoice_lines", "opportunities"))
    column = draw.one(columns_of(table, "decimal"))
    values = ("1,234.56", "1.234,56", "1234,56", "€ 100", "100 USD", "$100", "(100)", "1 000", "NaN", "Infinity", "-inf", "1e400",
              "abc", "10%", "１２", "1_000", "0x1F", "--1", "1.2.3", "٣", "1\u00a0000", "#REF!", "null", "-")  # fmt: skip
    return spoilt(draw, rows, table, column, draw.one(values), rf"\b{column} is no decimal")


@kind
def numbers_written_another_way(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(BIG)
    dresses: list[Callable[[str], str]] = [
        lambda text: f"+{text}",
        lambda text: f" {text} ",
        lambda text: f"{text}e0",
        lambda text: f"000{text}",
    ]
    dress = draw.one(dresses)
    dirty = [
        {
            name: dress(value) if value and name in columns_of(table, "decimal") else value
            for name, value in row.items()
        }
        for row in rows[table]
    ]
    return harmless(table, rows, {".csv": csv_text(table, dirty)})


@kind
def whole_numbers_that_are_none(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("products", "contract_lines", "contract_discounts", "product_usage"))
    column = draw.one(columns_of(table, "integer"))
    values = ("1.5", "1e-1", "1_000", "0x1F", "0b1", "9" * 30, "one", "1,5", "NaN", "1 2")
    return spoilt(draw, rows, table, column, draw.one(values), rf"\b{column} is no integer")


@kind
def truth_that_is_none(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("customers", "contract_lines", "invoice_lines", "opportunities"))
    column = draw.one(columns_of(table, "boolean"))
    values = ("maybe", "2", "-1", "ja", "truefalse", "0.5", "n/a", "unknown")
    return spoilt(draw, rows, table, column, draw.one(values), rf"\b{column} is no boolean")


@kind
def truth_written_another_way(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("customers", "contract_lines", "invoice_lines", "opportunities"))
    words = draw.one(
        (
            {"true": "TRUE", "false": "False"},
            {"true": "1", "false": "0"},
            {"true": "yes", "false": "No"},
            {"true": "T", "false": "n"},
        )
    )
    dirty = [
        {
            name: words.get(value, value) if name in columns_of(table, "boolean") else value
            for name, value in row.items()
        }
        for row in rows[table]
    ]
    return harmless(table, rows, {".csv": csv_text(table, dirty)})


@kind
def empty_required_values(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    column = draw.one([column.name for column in tables()[table].required_columns])
    return spoilt(draw, rows, table, column, draw.one(("", "  ")), rf"\b{column} is empty")


@kind
def huge_amounts(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(("contract_lines", "contract_discounts", "invoice_lines", "opportunities"))
    column = draw.one(columns_of(table, "decimal"))
    sign, value = (
        draw.one(("", "-")),
        draw.one(("100000000001", "999999999999.999999", "1e12", "9" * 40, "123456789012345678")),
    )
    return spoilt(draw, rows, table, column, sign + value, rf"\b{column} is (beyond|no decimal|not between)")


@kind
def large_amounts(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Large, but amounts all the same: taken as they are, and no sum runs over."""
    column = draw.one(("mrr_amount", "recurring_amount", "total_amount", "quantity", "escalator_rate"))
    value = draw.one(("", "-")) + draw.one(("9999999999", "1000000000", "9999999999.999999", "5e9"))
    dirty = changed(rows, "contract_lines", draw.number(0, 3), **{column: value})
    return found(dirty, "contract_lines", twin=dirty)


@kind
def negative_amounts(draw: Draw, rows: Rows, _: str) -> Dirty:
    dirty = changed(rows, "contract_lines", 1, mrr_amount=draw.one(("-1", "-99999.99", "-0.000001")))
    return found(dirty, "contract_lines", "recurring revenue of a product family is below zero", twin=dirty)


@kind
def negative_invoices(draw: Draw, rows: Rows, _: str) -> Dirty:
    dirty = changed(rows, "invoice_lines", draw.number(0, 13), amount=draw.one(("-5", "-1000000", "0", "-0")))
    return found(dirty, "invoice_lines", twin=dirty)


@kind
def unknown_currencies(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    table, currency = (
        draw.one(BIG),
        draw.one((f"{prefix}-XXX", f"{prefix}-€", f"{prefix}-us dollar", f"{prefix}-<b>")),
    )
    dirty = changed(rows, table, draw.number(0, len(rows[table]) - 1), currency=currency)
    return found(dirty, table, "no exchange rate to the reporting currency", twin=dirty)


@kind
def rates_that_are_none(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    """The rates of a currency that only this company uses; the older one is good."""
    out_of_range = ("0", "-1.1", "-0", "0.0000000001", "1e9", "999999999999")
    texts = ("abc", "1,1", "NaN", "1e30", "1_1", "$2")
    rate, reason = draw.one(
        [
            ("", "rate is empty"),
            *((rate, "rate is not between|rate is no rate") for rate in out_of_range),
            *((rate, "rate is no rate") for rate in texts),
        ]
    )
    good = {
        "rate_date": "2024-12-31",
        "from_currency": f"{prefix}-Q",
        "to_currency": "USD",
        "rate": "2",
        "rate_type": "spot",
    }
    bad = {**good, "rate_date": "2025-01-01", "rate": rate}
    using = changed(rows, "contract_lines", 1, currency=f"{prefix}-Q")
    text = csv_text("exchange_rates", draw.order([good, bad]))
    fates = {"accepted": 1, "rejected": 1}
    return Dirty(
        "exchange_rates", {".csv": text}, fates, {**using, "exchange_rates": [good]}, reason, other_rows=using
    )


@kind
def rates_beyond_reason(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    """An amount that is too large to be true is unknown, as if there were no rate."""
    rate, amount = draw.one(
        (("99999999", "150.5"), ("10000.5", "9999999"), ("1", "10000000000"), ("0.00000001", "1"))
    )
    rates = [
        {
            "rate_date": "2025-01-01",
            "from_currency": f"{prefix}-Q",
            "to_currency": "USD",
            "rate": rate,
            "rate_type": "spot",
        }
    ]
    using = changed(rows, "contract_lines", 1, currency=f"{prefix}-Q", mrr_amount=amount)
    findings = [] if rate.startswith("0.") else ["amount is too large to be true and counts as unknown"]
    text = csv_text("exchange_rates", rates)
    return Dirty("exchange_rates", {".csv": text}, {"accepted": 1}, None, findings=findings, other_rows=using)


@kind
def markup_and_formulas_in_names(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Names are data: they arrive as they are, and change no number."""
    dirty = changed(
        rows,
        "customers",
        draw.number(0, 2),
        account_name=draw.one(NASTY_NAMES),
        segment=draw.one(NASTY_NAMES),
    )
    table, column = draw.one(
        (("products", "product_name"), ("products", "unit_of_measure"), ("contract_lines", "unit_of_measure"))
    )
    dirty = changed(dirty, table, draw.number(0, 2), **{column: draw.one(NASTY_NAMES)})
    return Dirty(
        "customers",
        {".csv": csv_text("customers", dirty["customers"])},
        {"accepted": 3},
        dirty,
        other_rows=dirty,
    )


NASTY_NAMES = (
    "=cmd|'/c calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}",
    "{% raw %}", "'; drop table marts.dim_customers; --", "\u202egnp.exe", "zero\u200bwidth\ufeff", "\x1b[31mred\x07", "|", "~", "a|~|b",
    "%s%n", "\\", "' || '", "null", "NULL", "templates:K0000-A", "unmatched:x", "😀" * 50, "A" * 20000, "$(reboot)", "&lt;b&gt;", "]]>",
)  # fmt: skip


# ---- keys and rows that contradict each other ----------------------------------------------------------------------------


@kind
def empty_keys(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    column = draw.one(tables()[table].key)
    return spoilt(draw, rows, table, column, draw.one(("", " ")), rf"key {column} is empty")


@kind
def contradictions(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Two rows with one key: one is kept, whatever their order, the other named. `~` and `|` in a value hide nothing."""
    table, column = draw.one(
        (("contract_lines", "mrr_amount"), ("customers", "segment"), ("products", "product_family"))
    )
    index = draw.number(0, 2)
    value = "5" if column == "mrr_amount" else draw.one(("~", "|", "other", "~|~"))
    row = {**rows[table][index], column: value}
    kept = {**rows, table: draw.order([*rows[table], row])}
    fates = {"accepted": len(rows[table]), "rejected": 1}
    return Dirty(table, {".csv": csv_text(table, kept[table])}, fates, None, "contradicts another record")


@kind
def separators_in_contradictions(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Rows that differ only in where one value ends and the next begins are two rows."""
    first, second = draw.one(
        (
            (("a|b", "c"), ("a", "b|c")),
            (("~", ""), ("", "~")),
            (("x|~", ""), ("x", "~")),
            (("|", ""), ("", "|")),
        )
    )
    pair = [
        {**rows["customers"][2], "region": region, "channel": channel} for region, channel in (first, second)
    ]
    text = csv_text("customers", [*rows["customers"][:2], *pair])
    return Dirty(
        "customers", {".csv": text}, {"accepted": 3, "rejected": 1}, None, "contradicts another record"
    )


@kind
def keys_that_differ_by_a_hair(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Ids are compared to the letter: no guess."""
    own = rows["contract_lines"][3]["account_id"]
    other = draw.one((f"{own}0", f"0{own}", f"{own}\u200b", own.replace("-C", "-c")))
    dirty = changed(rows, "contract_lines", 3, account_id=other)
    return found(dirty, "contract_lines", "account is mentioned but has no record")


@kind
def padded_keys(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(EVERY)
    names = [name for name in column_names(table) if name.endswith("_id")]
    dirty = [
        {name: f"  {value} " if value and name in names else value for name, value in row.items()}
        for row in rows[table]
    ]
    return harmless(table, rows, {".csv": csv_text(table, dirty)})


@kind
def shifted_columns(draw: Draw, rows: Rows, _: str) -> Dirty:
    table = draw.one(BIG)
    index, at = draw.number(0, len(rows[table]) - 1), draw.number(1, 2)
    names = column_names(table)
    values = [rows[table][index][name] for name in names]
    moved = draw.one(([*values[:at], *values[at + 1 :], ""], [*values[:at], "x", *values[at:-1]]))
    dirty = [*rows[table]]
    dirty[index] = dict(zip(names, moved, strict=True))
    fates = {"accepted": len(dirty) - 1, "rejected": 1}
    return Dirty(
        table, {".csv": csv_text(table, dirty)}, fates, without(rows, table, index), "is no|is empty"
    )


# ---- contracts that contradict themselves ----------------------------------------------------------------------------------


@kind
def overlapping_lines(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    line = rows["contract_lines"][draw.one((0, 1))]
    dirty = {
        **rows,
        "contract_lines": [
            *rows["contract_lines"],
            {
                **line,
                "contract_line_id": f"{prefix}-L9",
                "contract_id": f"{prefix}-C9",
                "renewal_of_contract_id": "",
            },
        ],
    }
    return found(dirty, "contract_lines", "contract lines of one product overlap and add up", twin=dirty)


@kind
def ends_before_starts(draw: Draw, rows: Rows, _: str) -> Dirty:
    index = draw.one((0, 3))
    end = draw.one(("2019-01-01", "2020-12-31", "0001-01-01", "1900-01-01"))
    dirty = changed(rows, "contract_lines", index, end_date=end)
    return found(
        dirty,
        "contract_lines",
        "contract line ends before it starts",
        twin=without(rows, "contract_lines", index),
    )


@kind
def amounts_missing(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Unknown is not zero: the line does not count, and is named."""
    index = draw.number(0, 3)
    dirty = changed(rows, "contract_lines", index, mrr_amount="", recurring_amount="", total_amount="")
    return found(
        dirty,
        "contract_lines",
        "contract line does not count: no_amount",
        twin=without(rows, "contract_lines", index),
    )


@kind
def words_nobody_knows(draw: Draw, rows: Rows, _: str) -> Dirty:
    values, reason = draw.one((
        ({"billing_interval": "fortnightly"}, "no_amount"), ({"billing_interval_count": "0"}, "no_amount"), ({"billing_interval_count": "-3"}, "no_amount"),
        ({"billing_interval_count": "999999999999"}, "no_amount"), ({"line_type": "hardware"}, "unknown_line_type"), ({"exclusion_reason": "Test Data"}, "other"),
    ))  # fmt: skip
    dirty = changed(rows, "contract_lines", 3, **values)
    return found(
        dirty,
        "contract_lines",
        f"contract line does not count: {reason}",
        twin=without(rows, "contract_lines", 3),
    )


@kind
def renewals_in_circles(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    target, _is_listed = draw.one((("C2", False), ("C3", False), ("nothing", False), ("C1", True)))
    if target == "C1":
        dirty = changed(rows, "contract_lines", 0, renewal_of_contract_id=f"{prefix}-C2")
        return found(dirty, "contract_lines", "contract starts before the contract it renews", twin=rows)
    dirty = changed(
        rows, "contract_lines", 3, renewal_of_contract_id=f"{prefix}-{'C4' if target == 'C2' else target}"
    )
    return found(dirty, "contract_lines", twin=rows if target != "C3" else None)


@kind
def discounts_of_nothing(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    column, value = draw.one(
        (
            ("contract_id", f"{prefix}-none"),
            ("contract_line_id", f"{prefix}-none"),
            ("account_id", f"{prefix}-none"),
        )
    )
    dirty = changed(rows, "contract_discounts", 0, **{column: value})
    twin = without(rows, "contract_discounts", 0)
    return found(
        dirty, "contract_discounts", "discount is of a contract or line that is not there", twin=twin
    )


@kind
def discounts_beyond_everything(draw: Draw, rows: Rows, _: str) -> Dirty:
    """20 for 20 % would make the revenue vanish."""
    value = draw.one(("20", "1.01", "-0.1", "100", "9999999"))
    dirty = changed(rows, "contract_discounts", 0, percent_off=value)["contract_discounts"]
    return Dirty(
        "contract_discounts", {".csv": csv_text("contract_discounts", dirty)}, {"accepted": 1, "rejected": 1},
        without(rows, "contract_discounts", 0), "percent_off is not between 0 and 1",
    )  # fmt: skip


@kind
def orphans(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    table, finding = draw.one((
        ("contract_lines", "account is mentioned but has no record"), ("invoice_lines", "account is mentioned but has no record"),
        ("product_usage", "account is mentioned but has no record"), ("loss_reasons", "loss reason is of an account that is not there"),
    ))  # fmt: skip
    dirty = changed(rows, table, 0, account_id=f"{prefix}-Z")
    return found(dirty, table, finding, twin=dirty)


@kind
def parents_that_are_not_there(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    dirty = changed(rows, "customers", 1, parent_account_id=f"{prefix}-nowhere")
    return found(
        dirty,
        "customers",
        "parent account is not in the export",
        twin=changed(rows, "customers", 1, parent_account_id=""),
    )


@kind
def parents_in_circles(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    length = draw.number(1, 60)
    chain = [
        {
            **rows["customers"][0],
            "account_id": f"{prefix}-E{number:02}",
            "parent_account_id": f"{prefix}-E{(number + 1) % length:02}",
        }
        for number in range(length)
    ]
    column = draw.one(("parent_account_id", "merged_into_account_id"))
    chain = [{**row, "parent_account_id": "", column: row["parent_account_id"]} for row in chain]
    dirty = changed(
        {**rows, "customers": [*rows["customers"], *chain]}, "customers", 2, parent_account_id=f"{prefix}-E00"
    )
    if length == 1:  # its own parent, which is no parent at all
        return found(
            dirty,
            "customers",
            twin=changed(dirty, "customers", 3, parent_account_id="", merged_into_account_id=""),
        )
    return found(dirty, "customers", "account hierarchy runs in a circle|account hierarchy is deeper than")


@kind
def long_chains_of_parents(draw: Draw, rows: Rows, prefix: str) -> Dirty:
    """However deep, the revenue is that of the one customer at the top; beyond reason, the chain is cut and named."""
    length = draw.one((2, 9, 10, 11, 12, 29, 30, 31, 40))
    ids = [f"{prefix}-E{number:02}" for number in range(length)] + [f"{prefix}-A"]
    chain = [
        {**rows["customers"][0], "account_id": child, "parent_account_id": parent}
        for child, parent in itertools.pairwise(ids)
    ]
    dirty = changed(
        {**rows, "customers": [*rows["customers"], *chain]}, "customers", 1, parent_account_id=ids[0]
    )
    return found(dirty, "customers", *([] if length < 30 else ["account hierarchy is deeper than"]))


# ---- time ------------------------------------------------------------------------------------------------------------------


@kind
def future_rows(draw: Draw, rows: Rows, _: str) -> Dirty:
    """Recorded after the day that is looked at: known, but not yet counted."""
    table, column = draw.one(
        (
            ("invoice_lines", "invoice_date"),
            ("product_usage", "usage_date"),
            ("contract_lines", "recorded_date"),
            ("customers", "recorded_date"),
        )
    )
    index = draw.number(0, len(rows[table]) - 1)
    dirty = changed(rows, table, index, **{column: draw.one(("2025-07-01", "2099-12-31", "9999-12-31"))})[
        table
    ]
    fates = {"accepted": len(dirty) - 1, "after_as_of": 1}
    return Dirty(table, {".csv": csv_text(table, dirty)}, fates, without(rows, table, index))


@kind
def contracts_of_the_future(draw: Draw, rows: Rows, _: str) -> Dirty:
    index = draw.one((0, 3))
    dirty = changed(
        rows,
        "contract_lines",
        index,
        start_date=draw.one(("2025-07-01", "2100-01-01", "9999-12-30")),
        end_date=draw.one(("", "9999-12-31")),
        last_day="",
    )
    dirty = changed(dirty, "contract_lines", index, renewal_of_contract_id="")
    return found(dirty, "contract_lines", twin=None)


@kind
def endless_ends(draw: Draw, rows: Rows, _: str) -> Dirty:
    dirty = changed(
        rows,
        "contract_lines",
        1,
        **draw.one(
            (
                {"end_date": "9999-12-31"},
                {"last_day": "9999-12-31"},
                {"end_date": "2999-12-31"},
                {"term_last_day": "9999-12-31"},
            )
        ),
    )
    return found(dirty, "contract_lines", twin=rows)


@kind
def pre_history(draw: Draw, rows: Rows, _: str) -> Dirty:
    """A stray start long before everything else counts, but opens no decades of empty months for everybody."""
    day = draw.one(("0001-01-01", "0024-05-01", "1024-05-01", "1900-01-01", "1970-01-01", "1999-12-31"))
    dirty = changed(rows, "contract_lines", draw.one((0, 3)), start_date=day)
    return found(dirty, "contract_lines", "contract line starts before the first month shown")


# ---- files that cannot be read: one clear error --------------------------------------------------------------------------------


def _landed_error(
    table: str, content: str | bytes, message: str, ending: str = ".csv"
) -> tuple[str, str | bytes, str]:
    return f"{table}/2020-01-01{ending}", content, message


@error
def required_column_missing(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    table = draw.one(EVERY)
    column = draw.one([column.name for column in tables()[table].required_columns])
    names = column_names(table)
    header = [draw.one((f"{name}s", f"the {name}", "x")) if name == column else name for name in names]
    text = csv_text(table, rows[table]).split("\n", 1)[1]
    return _landed_error(
        table, ",".join(header) + "\n" + text, rf"{table}.*required column {column} is missing, needed by .+"
    )


@error
def column_twice(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    table = draw.one(EVERY)
    names = column_names(table)
    twice = draw.one(names)
    text = csv_text(table, rows[table], [*names, draw.one((twice, twice.upper(), f" {twice}"))])
    return _landed_error(table, text, rf"more than one column is called {twice}")


@error
def header_missing(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    table = draw.one(EVERY)
    return _landed_error(
        table, csv_text(table, rows[table]).split("\n", 1)[1], r"required column \w+ is missing"
    )


@error
def binary_files(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    content = draw.one(
        (
            b"\x89PNG\r\n\x1a\n\0\0",
            b"PK\x03\x04\x14\0\x08\0",
            b"\0" * 100,
            bytes(range(256)),
            b"%PDF-1.7\n%\xe2\xe3",
            b'"' * 999,
        )
    )
    return _landed_error(
        draw.one(EVERY), content, "header cannot be read|required column|no column of the contract"
    )


@error
def broken_gzip(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    table = draw.one(EVERY)
    packed = gzip.compress(csv_text(table, rows[table]).encode() * 9, mtime=0)
    broken = draw.one(
        (
            packed[: draw.number(1, len(packed) - 1)],
            packed[:30] + b"\xff" * 40 + packed[70:],
            b"no gzip at all",
        )
    )
    return _landed_error(table, broken, r"Landing stopped: 1 problem in the raw files", ".csv.gz")


@error
def broken_json_array(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    table = draw.one(EVERY)
    text = json.dumps(rows[table])
    return _landed_error(
        table,
        draw.one(
            (
                text[: draw.number(2, len(text) - 1)],
                text + "]",
                text + "{}",
                text.replace("}, {", "} {") + ",",
            )
        ),
        "JSON array",
        ".json",
    )


@error
def broken_parquet(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    content = _parquet(rows["customers"])
    broken = draw.one(
        (
            content[: draw.number(1, len(content) - 1)],
            b"PAR1" + b"x" * 50 + b"PAR1",
            b"not parquet",
            content[:-12] + b"\0" * 12,
        )
    )
    return _landed_error("customers", broken, r"Landing stopped: 1 problem in the raw files", ".parquet")


@error
def drops_without_a_day(draw: Draw, rows: Rows) -> tuple[str, str | bytes, str]:
    name = draw.one(("latest.csv", "2024-02-30.csv", "20240101.csv", "01-02-2024.csv", "2024-01.csv"))
    return f"customers/{name}", csv_text("customers", rows["customers"]), "a drop is named by its day"
