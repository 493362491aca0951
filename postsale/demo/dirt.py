"""Real-world dirt for the exports, and the list of every defect that was put in.

Each defect is a row of its own with a key of its own (prefix ``zz``), a copy of a whole record, or a change
of a file's form that keeps its content. So no true customer's number changes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from postsale.demo.canaries import NOTE, PERSON

REJECTED, DUPLICATE, MALFORMED, UNAFFECTED = "rejected", "exact_duplicate", "malformed", "unaffected"
STAMP = "2026-10-01 09:00:00"


@dataclass(frozen=True)
class Defect:
    """One defect: where it is, what it is, and what must become of it."""

    system: str
    table: str
    kind: str
    record_key: str
    expected_outcome: str

    @property
    def file(self) -> str:
        """Path of the file below ``raw``."""
        return f"{self.system}/{self.table}.csv"


BAD_VALUES = [
    (
        "stripe",
        "invoice",
        {"id": "zz_date", "customer_id": "zz", "status": "paid", "created": "yesterday"},
        "date that is none",
    ),
    (
        "stripe",
        "invoice_line_item",
        {
            "id": "zz_amount",
            "invoice_id": "zz",
            "amount": "12,50 EUR",
            "currency": "eur",
            "period_start": STAMP,
            "period_end": STAMP,
        },
        "amount that is none",
    ),
    ("stripe", "price", {"id": "zz_price", "unit_amount": "free", "created": STAMP}, "amount that is none"),
    (
        "zuora",
        "invoice_item",
        {"id": "zz_item", "invoice_id": "zz", "charge_amount": "twelve", "created_date": STAMP},
        "amount that is none",
    ),
    (
        "zuora",
        "rate_plan_charge",
        {
            "id": "zz_charge",
            "subscription_id": "zz",
            "charge_type": "Recurring",
            "mrr": "n/a",
            "effective_start_date": "2026-01-01",
        },
        "amount that is none",
    ),
    (
        "zuora",
        "subscription",
        {"id": "zz_version", "account_id": "zz", "version": "two", "created_date": STAMP},
        "number that is none",
    ),
    (
        "salesforce",
        "opportunity",
        {"id": "zz_opportunity", "account_id": "zz", "close_date": "2026-02-30"},
        "date that is none",
    ),
    (
        "salesforce",
        "account",
        {
            "id": "zz_account",
            "name": "Bad date",
            "created_date": "31/31/2026",
            "is_deleted": PERSON,
            "industry": PERSON,
            "phone": NOTE,
        },
        "date that is none",
    ),
    (
        "stripe",
        "subscription_history",
        {"id": "zz_slipped", "customer_id": "zz", "created": NOTE, "quantity": NOTE, "metadata": NOTE},
        "columns that slipped",
    ),
    (
        "salesforce",
        "task",
        {"id": "zz_task", "account_id": "zz", "subject": NOTE, "activity_date": "tomorrow"},
        "date that is none",
    ),
    (
        "gainsight",
        "activity_timeline",
        {"gsid": "zz_activity", "gs_company_id": "zz", "subject": NOTE, "activity_date": "last week"},
        "date that is none",
    ),
    (
        "gainsight",
        "nps_survey_response",
        {"gsid": "zz_nps", "company_id": "zz", "comment": NOTE, "npsscore": "11", "responded_date": STAMP},
        "number off its scale",
    ),
    (
        "qualtrics",
        "survey_response",
        {"id": "zz_response", "survey_id": "zz", "finished": PERSON, "recorded_date": STAMP},
        "columns that slipped",
    ),
]
NO_KEY = [
    ("stripe", "customer", {"name": PERSON, "email": PERSON, "created": STAMP, "livemode": "true"}),
    ("stripe", "subscription_item", {"subscription_id": "zz", "quantity": "4", "created": STAMP}),
    ("zuora", "account", {"name": "Nobody", "created_date": STAMP, "currency": "USD"}),
    ("salesforce", "account", {"name": "Nobody", "created_date": STAMP}),
]
ORPHANS = [
    (
        "stripe",
        "invoice_line_item",
        {
            "id": "zz_orphan",
            "invoice_id": "zz_unknown",
            "amount": "99900",
            "currency": "usd",
            "type": "subscription",
            "livemode": "true",
            "period_start": "2026-01-01 00:00:00",
            "period_end": "2026-12-31 00:00:00",
            "quantity": "1",
            "proration": "false",
        },
    ),
    (
        "stripe",
        "subscription_item",
        {"id": "zz_orphan", "subscription_id": "zz_unknown", "quantity": "4", "created": STAMP},
    ),
    (
        "zuora",
        "invoice_item",
        {
            "id": "zz_orphan",
            "invoice_id": "zz_unknown",
            "charge_amount": "500.00",
            "created_date": STAMP,
            "service_start_date": "2026-01-01",
            "service_end_date": "2027-01-01",
            "transaction_currency": "USD",
        },
    ),
    (
        "zuora",
        "rate_plan_charge",
        {
            "id": "zz_orphan",
            "subscription_id": "zz_unknown",
            "charge_type": "Recurring",
            "mrr": "750.00",
            "transaction_currency": "USD",
            "effective_start_date": "2026-01-01",
            "effective_end_date": "2027-01-01",
            "created_date": STAMP,
        },
    ),
]
TEST_MODE = [
    (
        "stripe",
        "customer",
        {"id": "zz_test", "name": "Test", "created": STAMP, "livemode": "false", "is_deleted": "false"},
    ),
    (
        "stripe",
        "invoice",
        {
            "id": "zz_test",
            "customer_id": "zz_test",
            "status": "paid",
            "created": STAMP,
            "currency": "usd",
            "total": "4200",
            "livemode": "false",
        },
    ),
]
COPIED = [
    ("stripe", "invoice_line_item"),
    ("stripe", "customer"),
    ("stripe", "subscription_history"),
    ("zuora", "rate_plan_charge"),
    ("zuora", "subscription"),
    ("salesforce", "account"),
    ("salesforce", "opportunity"),
    ("salesforce", "event"),
    ("gainsight", "company"),
    ("gainsight", "call_to_action"),
    ("qualtrics", "question_response"),
]
KEYS = {
    "company": ["gsid"],
    "call_to_action": ["gsid"],
    "question_response": ["_fivetran_id"],
    "subscription_history": ["id", "_fivetran_start"],
    "invoice_line_item": ["invoice_id", "id"],
}


def add_dirt(raw: Path) -> list[Defect]:
    """Put every defect into the exports below ``raw``, list it in ``_ledger/dirt.csv``, return the list."""
    found: list[Defect] = []
    for system, table in COPIED:
        found += copy_record(raw, system, table)
    for system, table, values, kind in BAD_VALUES:
        append(raw, system, table, values)
        found.append(Defect(system, table, kind, values.get("id") or values["gsid"], REJECTED))
    for system, table, values in NO_KEY:
        append(raw, system, table, values)
        found.append(Defect(system, table, "empty key", "", REJECTED))
    for system, table, values in ORPHANS:
        append(raw, system, table, values)
        key = "zz_unknown zz_orphan" if table == "invoice_line_item" else "zz_orphan"
        found.append(Defect(system, table, "reference to nothing", key, UNAFFECTED))
    for system, table, values in TEST_MODE:
        append(raw, system, table, values)
        found.append(Defect(system, table, "test mode", values["id"], UNAFFECTED))
    found += break_lines(raw)
    found += change_files(raw)
    write_list(raw, found)
    return found


def header_of(path: Path) -> list[str]:
    """Column names of a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle))


def append_text(path: Path, text: str) -> None:
    """Append a line."""
    with path.open("a", encoding="utf-8", newline="") as handle:
        handle.write(text + "\n")


def append(raw: Path, system: str, table: str, values: dict[str, str]) -> None:
    """Append a row with these values and nothing else. Raises KeyError if the export lacks a column."""
    path = raw / system / f"{table}.csv"
    header = header_of(path)
    missing = set(values) - set(header)
    if missing:
        raise KeyError(f"{system}.{table} has no column {sorted(missing)}")
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([values.get(name, "") for name in header])
    append_text(path, line.getvalue())


def copy_record(raw: Path, system: str, table: str) -> list[Defect]:
    """Repeat the first record of a file at its end; a file without records stays as it is."""
    path = raw / system / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        handle.readline()
        line = handle.readline()
    if not line:
        return []
    record = dict(zip(header_of(path), next(csv.reader([line])), strict=True))
    append_text(path, line.rstrip("\n"))
    key = " ".join(record[name] for name in KEYS.get(table, ["id"]))
    return [Defect(system, table, "record twice", key, DUPLICATE)]


def break_lines(raw: Path) -> list[Defect]:
    """Lines that are no records: too short, too long, an open quote at the end of a file."""
    short, long, quote = (
        ("stripe", "invoice"),
        ("zuora", "invoice_item"),
        ("salesforce", "opportunity_line_item"),
    )
    append_text(raw / short[0] / f"{short[1]}.csv", f"zz_short,broken off by {PERSON}")
    width = len(header_of(raw / long[0] / f"{long[1]}.csv"))
    append_text(raw / long[0] / f"{long[1]}.csv", ",".join(["zz_long"] + [PERSON] * (width + 2)))
    append_text(raw / quote[0] / f"{quote[1]}.csv", f'"zz_quote,never closed by {PERSON}')
    return [
        Defect(*short, "too few columns", "zz_short", MALFORMED),
        Defect(*long, "too many columns", "zz_long", MALFORMED),
        Defect(*quote, "quote never closed", "zz_quote", MALFORMED),
    ]


def rewrite(
    path: Path, change: Callable[[list[str]], list[str]], delimiter: str = ",", encoding: str = "utf-8"
) -> None:
    """Write a file anew, row by row, with another delimiter or encoding."""
    fresh = path.with_suffix(".new")
    with (
        path.open(encoding="utf-8", newline="") as old,
        fresh.open("w", encoding=encoding, newline="") as new,
    ):
        writer = csv.writer(new, delimiter=delimiter, lineterminator="\n")
        for row in csv.reader(old):
            writer.writerow(change(row))
    fresh.replace(path)


def change_files(raw: Path) -> list[Defect]:
    """Other forms of the same content: delimiter, byte order mark, encoding, header case, columns."""
    rewrite(raw / "salesforce" / "user.csv", lambda row: row, ";", "utf-8-sig")
    rewrite(raw / "zuora" / "account.csv", lambda row: row, encoding="cp1252")
    coupon = raw / "stripe" / "coupon.csv"
    first = True

    def shout(row: list[str]) -> list[str]:
        nonlocal first
        changed = [name.upper() for name in row] if first else row
        first = False
        return changed

    rewrite(coupon, shout)
    credit = raw / "stripe" / "credit_note.csv"
    rewrite(credit, lambda row: [*row, "internal_note" if row[:1] == ["id"] else NOTE])
    product = raw / "stripe" / "product.csv"
    drop = header_of(product).index("unit_label")
    rewrite(product, lambda row: row[:drop] + row[drop + 1 :])
    return [
        Defect("salesforce", "user", "semicolons and byte order mark", "", UNAFFECTED),
        Defect("zuora", "account", "windows-1252", "", UNAFFECTED),
        Defect("stripe", "coupon", "upper-case header", "", UNAFFECTED),
        Defect("stripe", "credit_note", "unknown column", "", UNAFFECTED),
        Defect("stripe", "product", "optional column unit_label missing", "", UNAFFECTED),
    ]


def write_list(raw: Path, found: list[Defect]) -> None:
    """Write ``_ledger/dirt.csv``."""
    with (raw / "_ledger" / "dirt.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["system", "table", "file", "kind", "record_key", "expected_outcome"])
        writer.writerows([d.system, d.table, d.file, d.kind, d.record_key, d.expected_outcome] for d in found)
