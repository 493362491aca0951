"""A company with everything in its exports that two engines might read differently, small enough to build twice in a test."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from postsale.demo import write_demo
from tests import harness
from tests.golden.random_company import draw

#: What a text is as a value of a contract's type; None where it is no such value and the row is rejected.
VALUES: dict[str, dict[str, Any]] = {
    "decimal": {
        "1": Decimal(1), "+1": Decimal(1), "-1": Decimal(-1), "00012": Decimal(12), ".5": Decimal("0.5"), "5.": Decimal(5),
        "1e5": Decimal(100000), "1E+5": Decimal(100000), "12e-1": Decimal("1.2"), "1e400": None, "1e-400": Decimal(0), "1e": None,
        "1e5e5": None, "--1": None, "1-": None, "1.2.3": None, ".": None, "1,5": None, "1_000": None, "0x10": None, "NaN": None,
        "inf": None, "１": None, "1.0000005": Decimal("1.000001"), "1.00000049": Decimal(1), "-1.0000005": Decimal("-1.000001"),
        "5e-7": Decimal("0.000001"), "4.9e-7": Decimal(0), "999999999999.999999": Decimal("999999999999.999999"), "1000000000000": None,
        # More digits before an exponent than an engine keeps while it reads it.
        "1234567890123e-3": None, ".00000000000000000000000000012345678e26": None,
    },
    "rate": {"1.123456789": Decimal("1.123456789"), "1.1234567895": Decimal("1.123456790"), "1e-3": Decimal("0.001"), "abc": None},
    "integer": {
        "1": 1, "+1": 1, "-1": -1, "007": 7, "1.0": None, "1e3": None, "9223372036854775808": None, "１": None, "+": None, "": None,
    },
    "boolean": {
        "true": True, "T": True, "Yes": True, "y": True, "1": True, "FALSE": False, "f": False, "no": False, "N": False, "0": False,
        "on": None, "2": None, "tru": None, "oui": None,
    },
    "date": {
        "2024-02-29": "2024-02-29", "2024-2-9": "2024-02-09", "2024-02-29 23:59:59": "2024-02-29", "2023-02-29": None,
        "2024-02-30": None, "2024-13-01": None, "0000-01-01": None, "10000-01-01": None, "20240131": None, "31.01.2024": None,
        "2024/01/31": None, "2024-01": None, "infinity": None, "today": None, "-202-01-01": None, "1582-10-10": "1582-10-10",
        # In UTC it is the day before.
        "2024-01-31T00:30:00+02:00": "2024-01-30",
    },
    "timestamp": {
        "2024-01-31": "2024-01-31 00:00:00", "2024-01-31 10:00:00": "2024-01-31 10:00:00",
        "2024-01-31 10:00": "2024-01-31 10:00:00", "2024-01-31T10:00:00Z": "2024-01-31 10:00:00",
        "2024-01-31T10:00:00.123456789Z": "2024-01-31 10:00:00.123456",
        "2024-01-31T10:00:00+02:00": "2024-01-31 08:00:00", "2024-01-31 10:00:00-0530": "2024-01-31 15:30:00",
        "2024-01-31 10:00:00 Europe/Berlin": "2024-01-31 09:00:00", "2024-07-31 10:00:00 EST": "2024-07-31 15:00:00",
        # A clock put forward: 02:30 does not exist in Berlin that night.
        "2024-03-31 02:30:00 Europe/Berlin": "2024-03-31 01:30:00",
        "2024-01-31 24:00:00": None, "2024-01-31 23:59:60": None, "2024-01-31 10": None, "2024-01-31  9:00:00": None,
        "2024-01-31 10:00:00 +02:00": None, "2024-01-31 10:00:00+2": None, "2024-01-31 10:00:00+19:00": None,
        "2024-01-31 10:00:00 GMT+2": None, "2024-01-31 10:00:00 utc": None, "2024-01-31 10:00:00 Nowhere/City": None,
        "2024-01-31 10:00:00 PM": None, "2024-01-31t10:00:00z": None, "2024-01-31 (BC)": None,
    },
}  # fmt: skip

#: Where the values of a type stand in the exports: system, table, key and column. No column that says when a row was recorded.
PLACES: dict[str, tuple[str, str, str, str]] = {
    "decimal": ("templates", "opportunities", "opportunity_id", "amount"),
    "rate": ("templates", "exchange_rates", "from_currency", "rate"),
    "integer": ("templates", "products", "product_id", "tier_rank"),
    "boolean": ("templates", "opportunities", "opportunity_id", "is_won"),
    "date": ("templates", "contract_discounts", "discount_id", "end_date"),
    "timestamp": ("stripe", "discount", "id", "end"),
}
_REQUIRED: dict[str, dict[str, Any]] = {
    "opportunities": {"account_id": "C0001", "close_date": "2025-01-15"},
    "exchange_rates": {"rate_date": "2025-01-01", "to_currency": "USD"},
    "products": {},
    "contract_discounts": {"account_id": "nobody", "start_date": "2025-01-01"},
    "discount": {
        "customer_id": "nobody",
        "coupon_id": "none",
        "start": "2024-01-01 00:00:00",
        "_fivetran_synced": "2026-10-31 05:00:00",
    },
}

#: Words of customers: blanks of Unicode around, quotes, backslashes, control characters, signs of JSON, HTML and SQL.
WORDS = (
    "Ünïcødé 😀 GmbH", "\u00a0wide blanks\u3000", "tab\tand\nline", 'quote " and \' and \\ and /', "<b>&amp;</b>", "${spark.app.name} %s {{ 1 }}",
    "\u2028separator", "O'Neill; drop table x --", "null", "ΤΕΛΟΣ", "İstanbul", "\x01\x1f",
)  # fmt: skip


def write(raw: Path) -> None:
    """Writes the exports of the demo company with its dirt, of a company drawn at random, and the nasty rows."""
    write_demo(raw, 30, 16, 5, True, lambda _line: None)
    for export, rows in draw(3, 25).exports().exports.items():
        _add(raw / f"{export}.csv", rows)
    for kind, (system, table, key, column) in PLACES.items():
        rows = [{key: key_of(kind, text), column: text} | _REQUIRED[table] for text in VALUES[kind]]
        _add(raw / system / f"{table}.csv", rows)
    _write_words(raw / "templates")
    _write_money(raw / "templates")
    _write_repeats(raw / "templates")
    _write_opinions(raw / "templates")
    _write_use(raw / "templates")


def key_of(kind: str, text: str) -> str:
    """The key of the row that holds a text as a value of a type."""
    return f"{kind} {list(VALUES[kind]).index(text):03d}"


def _write_words(folder: Path) -> None:
    customers = [
        {"account_id": f"W{number}", "account_name": word, "segment": word, "region": word, "industry": word}
        for number, word in enumerate(WORDS)
    ]
    lines = [
        {
            "contract_line_id": f"W{number}", "account_id": f"W{number}", "contract_id": word, "product_id": word, "start_date": "2024-01-31",
            "end_date": "2025-01-31", "mrr_amount": 100 + number, "is_cancelled": "yes", "unit_of_measure": word, "exclusion_reason": "",
        }
        for number, word in enumerate(WORDS)
    ]  # fmt: skip
    reasons = [
        {"loss_reason_id": f"W{number}", "account_id": f"W{number}", "reason_date": "2025-01-31", "reason_raw": word, "reason_source": word}
        for number, word in enumerate(WORDS)
    ]  # fmt: skip
    _add(folder / "customers.csv", customers)
    _add(
        folder / "contract_lines.csv",
        [*lines, {**lines[0], "contract_line_id": "WX", "exclusion_reason": WORDS[0]}],
    )
    _add(folder / "loss_reasons.csv", reasons)


def _write_money(folder: Path) -> None:
    """Currencies with and without a rate, unknown and zero and negative amounts, terms that are no whole months."""
    amounts: list[dict[str, Any]] = [
        {"mrr_amount": "33.333333", "currency": "EUR"}, {"mrr_amount": 50, "currency": "XXX"}, {"mrr_amount": ""}, {"mrr_amount": 0},
        {"mrr_amount": -5}, {"total_amount": 1000, "end_date": "2025-02-14"}, {"recurring_amount": 100, "billing_interval": "week"},
        {"recurring_amount": "99.99", "billing_interval": "Day", "billing_interval_count": 10}, {"mrr_amount": "0.000001"},
        {"recurring_amount": 1, "billing_interval": "fortnight"}, {"mrr_amount": 10, "is_usage_commitment": "true"},
        {"mrr_amount": 10, "is_trial": "true"}, {"mrr_amount": "123456789.123456", "currency": "eur"},
        {"mrr_amount": 12, "start_date": "2025-03-01", "end_date": "2025-02-01"}, {"mrr_amount": 7, "last_day": "2024-02-29"},
    ]  # fmt: skip
    lines = [
        {"contract_line_id": f"M{number}", "account_id": f"M{number % 4}", "start_date": "2024-01-31", "product_id": "suite-basic", **columns}
        for number, columns in enumerate(amounts)
    ]  # fmt: skip
    _add(folder / "contract_lines.csv", lines)
    _add(folder / "exchange_rates.csv", [
        {"rate_date": "2023-12-31", "from_currency": "EUR", "to_currency": "USD", "rate": "1.105432109", "rate_type": kind}
        for kind in ("spot", "month_end", "budget")
    ])  # fmt: skip
    invoices: list[dict[str, Any]] = [
        {"amount": "10.005", "currency": "EUR"}, {"amount": 3, "currency": "XXX"}, {"amount": -4}, {"amount": ""},
        {"amount": 9, "service_start_date": "2025-05-01", "service_last_day": "2025-05-31", "charge_type": "usage"},
    ]  # fmt: skip
    _add(folder / "invoice_lines.csv", [
        {"invoice_line_id": f"M{number}", "account_id": f"M{number % 4}", "invoice_date": f"2025-0{number + 1}-28", **columns}
        for number, columns in enumerate(invoices)
    ])  # fmt: skip


def _write_repeats(folder: Path) -> None:
    """Drops that repeat, supersede and contradict, one with a column of its own, and lines no parser takes."""
    parent = {"account_id": "P1", "account_name": "Parent", "segment": "Old"}
    _add(
        folder / "customers" / "2026-01-31.csv",
        [parent, {**parent, "account_id": "P2", "parent_account_id": "P3"}],
    )
    _add(
        folder / "customers" / "2026-02-28.csv",
        [
            {**parent, "segment": "New", "of_its_own": "kept in the raw text"}, {"account_id": "P3", "parent_account_id": "P2"},
            {"account_id": "", "account_name": "no key", "of_its_own": "é"}, {"account_id": "P4"}, {"account_id": "P4"},
            {"account_id": "P5", "segment": "one"}, {"account_id": "P5", "segment": "other"}, {"account_id": "P6", "is_deleted": "maybe"},
        ],
    )  # fmt: skip
    with (folder / "customers" / "2026-02-28.csv").open("a", encoding="utf-8") as file:
        file.write('P7,too,many,fields,in,this,line\n"P8,never closed\nP9,Lost\n')


def _write_opinions(folder: Path) -> None:
    """Touches, answers and risks in words of all kinds, on scales of all kinds, and several within the hour."""
    accounts = ("C0001", "001DM0000000000AAA")
    _add(folder / "engagements.csv", [
        {
            "engagement_id": f"W{number}", "account_id": accounts[number % 2], "engagement_type": (*WORDS, "Meeting")[number % 13],
            "started_at": f"2025-03-0{1 + number // 24} {number % 24:02}:{7 * number % 60:02}:30.5", "sentiment": ("Positive", "RED", word)[number % 3],
            "relationship_state": word, "direction": word, "has_reply": ("yes", "", "no")[number % 3],
        }
        for number, word in enumerate(WORDS * 4)
    ])  # fmt: skip
    scores = ("1", "2.5", "0.333333", "3", "4.999999", "7", "-1", "10", "", "99.5", "2", "6")
    _add(folder / "survey_responses.csv", [
        {
            "answer_id": f"W{number}", "account_id": accounts[number % 2], "contact_id": word.upper() if number % 2 else word,
            "question_kind": ("nps", "csat", "perception", "Criticality", "intent", "adoption-share", "barrier", word)[number % 8],
            "score": scores[number % len(scores)], "scale_low": ("", "5", "", "0")[number % 4], "scale_high": ("", "1", "7", "0")[number % 4],
            "answer": ("", "Strongly agree", "Too Complex", word)[number % 4], "answered_date": "2025-04-30",
        }
        for number, word in enumerate(WORDS * 8)
    ])  # fmt: skip
    _add(folder / "risk_records.csv", [
        {
            "risk_id": f"W{number}", "account_id": accounts[number % 2], "risk_type": ("Churn", "DOWNGRADE", word)[number % 3], "reason_raw": word,
            "opened_date": "2025-05-01", "closed_date": ("", "2025-06-01")[number % 2], "has_competitor": ("", "true", "no")[number % 3],
        }
        for number, word in enumerate(WORDS)
    ])  # fmt: skip
    _add(folder / "customer_actions.csv", [
        {"action_id": f"W{number}", "account_id": accounts[number % 2], "action_type": ("TRAINING", word)[number % 2], "action_date": "2025-03-02"}
        for number, word in enumerate(WORDS)
    ])  # fmt: skip
    _add(folder / "activity_records.csv", [
        {"record_id": f"W{number}", "account_id": accounts[number % 2], "activity": ("COACHING", word)[number % 2], "activity_date": "2025-03-02"}
        for number, word in enumerate(WORDS)
    ])  # fmt: skip
    _add(folder / "survey_invitations.csv", [
        {"invitation_id": f"W{number}", "survey_id": word, "survey_title": word, "contact_id": word, "sent_date": "2025-04-20"}
        for number, word in enumerate(WORDS)
    ])  # fmt: skip


def _write_use(folder: Path) -> None:
    """Events of users, products and features with words of all kinds, some told twice, corrected, moved or no event at all."""
    events: list[dict[str, Any]] = [
        {
            "event_id": f"U{number}", "account_id": ("C0001", "001DM0000000000AAA")[number % 2], "user_id": word if number % 3 else "",
            "product_id": word if number % 4 else "suite-basic", "feature_id": word if number % 5 else "",
            "occurred_at": f"2026-0{1 + number % 9}-1{number % 10} 23:30:0{number % 10}", "event_count": ("", "1", "0", "7")[number % 4],
        }
        for number, word in enumerate(WORDS * 4)
    ]  # fmt: skip
    _add(folder / "product_events" / "2026-09-30.csv", events)
    _add(folder / "product_events" / "2026-10-31.csv", [
        events[0], {**events[1], "event_count": 3}, {**events[2], "occurred_at": "2026-09-30 01:00:00"}, {**events[3], "event_id": ""},
        {**events[4], "event_id": "never", "occurred_at": "2026-02-30"}, {**events[5], "event_id": "many", "event_count": "many"},
    ])  # fmt: skip
    _add(folder / "product_features.csv", [
        {"feature_id": word, "feature_name": word, "product_id": "suite-basic", "tier": ("advanced", "Basic", word)[number % 3]}
        for number, word in enumerate(WORDS)
    ])  # fmt: skip


def _add(path: Path, rows: list[dict[str, Any]]) -> None:
    """Adds rows to a CSV file, and columns where they bring new ones."""
    before: list[dict[str, Any]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            before = list(csv.DictReader(file))
    harness.write_csv(path, [*before, *rows])
