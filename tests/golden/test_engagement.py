"""Engagement: known answers, what is unknown and what is nought, and an oracle that counts in Python.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six
from tests.harness import metric

T = "2025-05-31"


def touch(company: Company, account: str, day: str, kind: str = "meeting", **columns: Any) -> None:
    """An interaction with an account."""
    number = len(company.exports.get("templates/engagements", ()))
    company.add(
        "engagements", engagement_id=f"E{number}", account_id=account, engagement_type=kind, started_at=f"{day} {number % 24:02}:00", **columns
    )  # fmt: skip


def logged(company: Company) -> Company:
    """Somebody else's touches long before and lately, so that the log is known to reach over all windows."""
    company.customer("log", segment="log").line("log", "2023-01-01", None, 10)
    for day in ("2024-01-02", "2025-05-30", "2025-06-29"):
        touch(company, "log", day)
    return company


@pytest.fixture(scope="module")
def examples(build: Builder) -> Warehouse:
    company = logged(Company())

    # G24: 10 active customers, 4 of them engaged; five engagements, rated +, +, − and twice not at all.
    for number in range(10):
        company.customer(f"g24-{number}", segment="G24").line(f"g24-{number}", "2023-01-01", None, 100)
    for account, tone in ((0, "positive"), (1, "positive"), (2, "negative"), (3, None), (3, None)):
        touch(company, f"g24-{account}", "2025-05-20", sentiment=tone)

    # 90 days to the end of May begin on 3 March; what is bulk mail, planned, one-way or a note engages nobody.
    for name, day, kind, more in (
        ("first day", "2025-03-03", "meeting", {}),
        ("day before", "2025-03-02", "meeting", {}),
        ("next day", "2025-06-01", "meeting", {}),
        ("bulk", "2025-05-20", "newsletter", {}),
        ("e-mail", "2025-05-20", "email", {}),
        ("answered", "2025-05-20", "email", {"has_reply": "true"}),
        ("planned", "2025-05-20", "meeting", {"is_completed": "false"}),
        ("note", "2025-05-20", "internal note", {}),
        ("odd", "2025-05-20", "tea", {}),
    ):
        company.customer(name, segment="window").line(name, "2023-01-01", None, 10)
        touch(company, name, day, kind, **more)

    # Silent for 180 days: since 2 December; not yet asked in the first six months.
    silence: tuple[tuple[str, str, str | None], ...] = (
        ("spoke on the last day", "2023-01-01", "2024-12-03"),
        ("spoke the day before", "2023-01-01", "2024-12-02"),
        ("never spoke", "2023-01-01", None),
        ("is new", "2024-12-15", None),
        ("is six months old", "2024-11-15", None),
    )
    for name, start, last in silence:
        company.customer(name, segment="silence").line(name, start, None, 10)
        if last:
            touch(company, name, last)

    # 12 engagements of one customer, 3 of another, none of a third: (12 + 3) ÷ 3 months ÷ 2 customers.
    for name, count in (("often", 12), ("seldom", 3), ("none", 0)):
        company.customer(name, segment="frequency").line(name, "2023-01-01", None, 10)
        for _ in range(count):
            touch(company, name, "2025-05-05")

    # By model: three meetings, two webinars, a user group, a visit to the portal, and a word nobody knows.
    company.customer("models", segment="models").line("models", "2023-01-01", None, 10)
    for kind in ("meeting", "call", "ebr", "webinar", "newsletter", "user group", "portal", "tea", "to do"):
        touch(company, "models", "2024-03-10", kind)
    return build(company)


def test_g24_engaged_and_rated(examples: Warehouse) -> None:
    assert examples.value("engaged_customer_share", "month", T, "G24") == six("0.4")
    assert examples.value("positive_engagement_share", "month", T, "G24") == six(2 / 3)
    assert examples.value("negative_engagement_share", "month", T, "G24") == six(1 / 3)
    row = examples.row("positive_engagement_share", "month", T, "G24")
    # Two of five are not rated.
    assert (row["numerator"], row["denominator"], row["n"], row["coverage"]) == (2, 3, 3, six("0.6"))


def test_what_engages_and_when(examples: Warehouse) -> None:
    found = dict(
        examples.rows(
            "select customer_id, engagement_count from marts.fct_engagement_months inner join marts.dim_customers using (customer_id)"
            " where segment = 'window' and month_end = date '2025-05-31'"
        )
    )
    assert {name.removeprefix("templates:"): count for name, count in found.items()} == {
        "first day": 1, "day before": 0, "next day": 0, "bulk": 0, "e-mail": 0, "answered": 1, "planned": 0, "note": 0, "odd": 0,
    }  # fmt: skip


def test_silence(examples: Warehouse) -> None:
    found = dict(
        examples.rows(
            "select customer_id, is_silent from marts.fct_engagement_months inner join marts.dim_customers using (customer_id)"
            " where segment = 'silence' and month_end = date '2025-05-31'"
        )
    )
    assert {name.removeprefix("templates:"): silent for name, silent in found.items()} == {
        "spoke on the last day": False,
        "spoke the day before": True,
        "never spoke": True,
        "is new": None,
        "is six months old": True,
    }
    row = examples.row("silent_customer_share", "month", T, "silence")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (3, 4, 1)


def test_frequency_is_per_engaged_customer_and_thirty_days(examples: Warehouse) -> None:
    row = examples.row("engagements_per_engaged_customer", "month", T, "frequency")
    assert (row["value"], row["n"]) == (six("2.5"), 2)


def test_models_of_engagement_add_up_and_notes_are_none(examples: Warehouse) -> None:
    found = {
        mode: (metric(examples.connection, "engagement_mode_mix", "month", "2024-03-31", "mode", mode) or {})[
            "numerator"
        ]
        for mode in ("high_touch", "digital", "self_help", "community", "unknown")
    }
    assert found == {"high_touch": 3, "digital": 2, "self_help": 1, "community": 1, "unknown": 1}
    known = metric(examples.connection, "engagement_mode_mix", "month", "2024-03-31", "mode", "digital")
    assert known is not None and (known["denominator"], known["coverage"]) == (8, six("0.875"))


def test_shares_of_longer_periods_come_from_the_rows(examples: Warehouse) -> None:
    """Four rated in the months of the year: not the mean of months."""
    rows = examples.rows(
        "select period_grain, numerator, denominator from marts.fct_metric_values where metric_key = 'positive_engagement_share'"
        " and period_end = date '2025-05-31' and dimension = 'segment' and member = 'G24' order by 1"
    )
    assert rows == [("month", 2, 3), ("t12m", 2, 3)]


def test_before_the_log_and_without_one_nothing_is_known(examples: Warehouse, build: Builder) -> None:
    early = examples.row("engaged_customer_share", "month", "2024-02-29", "G24")
    assert (early["value"], early["coverage"], early["verdict"]) == (None, 0, "no_data")
    # The log begins on 2 January 2024: 90 days from then end on 31 March.
    assert examples.row("engaged_customer_share", "month", "2024-03-31", "G24")["value"] == 0
    silent = build(Company().customer("a").line("a", "2023-01-01", None, 10))
    assert silent.rows(
        "select distinct coverage from marts.fct_metric_values where metric_key = 'engaged_customer_share'"
    ) == [(0,)]


def test_an_oracle_in_python_counts_the_same(build: Builder) -> None:
    draw = random.Random(24)
    company = logged(Company())
    touches: dict[str, list[tuple[date, bool]]] = {}
    for number in range(25):
        name = f"c{number}"
        company.customer(name, segment=f"s{number % 3}").line(
            name, str(date(2023, 1, 1) + timedelta(draw.randrange(800))), None, 10
        )
        for _ in range(draw.choice((0, 1, 4, 30))):
            day, kind = (
                date(2024, 1, 2) + timedelta(draw.randrange(545)),
                draw.choice(("meeting", "email", "call")),
            )
            touch(company, name, str(day), kind)
            touches.setdefault(f"templates:{name}", []).append((day, kind != "email"))
    found = build(company).rows(
        "select customer_id, month_end, tenure_months, engagement_count, is_silent from marts.fct_engagement_months"
        " where not is_provisional and month_end > date '2024-08-01' and customer_id <> 'templates:log'"
    )
    assert len(found) > 150
    for customer, end, tenure, count, is_silent in found:
        days = [day for day, both in touches.get(customer, []) if both and day <= end]
        assert count == sum((end - day).days < 90 for day in days)
        assert is_silent == (None if tenure < 6 else all((end - day).days >= 180 for day in days))
    assert {is_silent for *_, is_silent in found} == {True, False, None}


def test_shares_stand_in_contributions_by_customer(examples: Warehouse) -> None:
    for key, grain in (("engaged_customer_share", "month"), ("positive_engagement_share", "t12m")):
        total = examples.row(key, grain, T)
        assert examples.one(
            "select sum(numerator), sum(denominator) from marts.fct_metric_contributions where metric_key = ? and period_grain = ?"
            " and period_end = cast(? as date) and is_included",
            key,
            grain,
            T,
        ) == (Decimal(total["numerator"]), Decimal(total["denominator"]))
