"""What activities are for: answers to early warnings, expansion, barriers removed, value shown in time; by hand and by an oracle in Python."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from tests.golden.test_activities import Account
from tests.golden.warehouse import Builder, Company, six

T = "2025-05-31"
SEVERITY = {"healthy": 1, "watch": 2, "reducing": 3, "defecting": 4}


def _log(company: Company, day: str = "2020-01-01") -> None:
    """The list of activities begins, with a customer that is gone."""
    Account(company, "log", "2019-01-01", "2020-06-01", segment="log").did("coaching", day)


#: Day of the risk → days of interventions → days until the answer, and whether in time.
WARNINGS: dict[str, tuple[str, tuple[str, ...], int | None, bool]] = {
    "same day": ("2025-05-10", ("2025-05-10",), 0, True),
    "seventh day": ("2025-05-10", ("2025-05-09", "2025-05-17", "2025-05-20"), 7, True),
    "eighth day": ("2025-05-10", ("2025-05-18",), 8, False),
    "before only": ("2025-05-10", ("2025-05-09",), None, False),
    "ninetieth day": ("2025-01-10", ("2025-04-10",), 90, False),
    "day 91": ("2025-01-10", ("2025-04-11",), None, False),
}


def test_a_warning_is_answered_by_the_first_person_in_time(build: Builder) -> None:
    company = Company()
    _log(company)
    for name, (opened, days, _, _) in WARNINGS.items():
        Account(company, name, "2024-12-15").risk(opened).did("intervention", *days)
    Account(company, "by a machine", "2024-12-15").risk("2025-05-10").did(
        "intervention", "2025-05-11", is_automated="true"
    )
    Account(company, "by a call", "2024-12-15").risk("2025-05-10").touch("Save call", "2025-05-12")
    Account(company, "by no show", "2024-12-15").risk("2025-05-10").touch(
        "Save call", "2025-05-12", is_completed="false"
    )
    Account(company, "of late", "2024-12-15").risk("2025-06-25")
    marts = build(company)
    expected = {name: (days, in_time) for name, (_, _, days, in_time) in WARNINGS.items()}
    expected |= {
        "by a machine": (None, False),
        "by a call": (2, True),
        "by no show": (None, False),
        "of late": (None, False),
    }
    found = {
        customer.removeprefix("templates:"): (days, in_time)
        for customer, days, in_time in marts.rows(
            "select customer_id, response_days, is_answered_in_time from marts.fct_early_warnings where warning_signal = 'risk_record'"
        )
    }
    assert found == expected
    assert marts.value("early_warning_response_rate", "month", T) == six(Decimal(3) / 7)
    # Answered ones of May: 0, 7, 8 and 2 days.
    row = marts.row("early_warning_response_time", "month", T)
    assert (row["value"], row["n"]) == (six("4.5"), 4)
    assert marts.value("early_warning_response_time_p90", "month", T) == six("7.7")
    # As of the end of June a warning of its last week may still be answered.
    assert marts.row("early_warning_response_rate", "month", "2025-06-30")["verdict"] == "provisional"


def test_of_a_customer_that_nobody_logs_no_answer_is_known(build: Builder) -> None:
    company = Company()
    Account(company, "unlogged", "2024-01-15").risk("2025-05-10")
    row = build(company).row("early_warning_response_rate", "month", T)
    assert (row["n"], row["coverage"], row["value"]) == (0, 0, None)


@pytest.mark.parametrize("number", [1, 2])
def test_warnings_of_a_random_company_are_what_the_rules_say(build: Builder, number: int) -> None:
    """Classes are those of fct_health_months; here the score is the share of seats in use alone."""
    dice = random.Random(number)
    company, risks, acts = Company(), defaultdict[str, list[date]](list), defaultdict[str, list[date]](list)
    _log(company)
    for index in range(80):
        name = f"C{index:03d}"
        company.customer(name, segment=dice.choice(("Large", "Small")))
        company.line(name, "2023-01-01", None, 100, quantity=10, unit_of_measure="seat")
        account = Account.__new__(Account)
        account.company, account.name = company, name
        for month in range(18):
            if dice.random() < 0.5:
                day = date(2024 + month // 12, month % 12 + 1, 5)
                company.add(
                    "survey_responses", answer_id=f"{name}-{month}", account_id=name, contact_id=f"p@{name}", question_kind="adoption_share",
                    score=dice.choice((20, 60, 80, 100)), answered_date=day,
                )  # fmt: skip
        for _ in range(dice.randrange(3)):
            opened = date(2024, 1, 1) + timedelta(days=dice.randrange(500))
            account.risk(
                str(opened),
                str(opened + timedelta(days=dice.randrange(1, 60))),
                dice.choice(("churn", "other")),
            )
            risks[name].append(opened)
        for _ in range(dice.randrange(8)):
            day = date(2024, 1, 1) + timedelta(days=dice.randrange(540))
            account.did("intervention", str(day))
            acts[name].append(day)
    measures = [
        {
            "measure": "adoption",
            "weight": 10,
            "from_tenure_months": 0,
            "valid_from": "2000-01-01",
            "meaning": "x",
        }
    ]
    marts = build(company, seeds={"health_measures": measures})
    expected: list[tuple[Any, ...]] = []

    def warn(name: str, signal: str, day: date) -> None:
        days = [(act - day).days for act in acts[name] if 0 <= (act - day).days <= 90]
        expected.append((name, signal, day, min(days, default=None), min(days, default=99) <= 7))

    for name, days in risks.items():
        for day in days:
            warn(name, "risk_record", day)
    before: dict[str, str] = {}
    for customer, day, risk_class in marts.rows(
        "select customer_id, snapshot_date, risk_class from marts.fct_health_months order by month_end"
    ):
        name = customer.removeprefix("templates:")
        if SEVERITY.get(risk_class, 0) > SEVERITY.get(before.get(name, ""), 9):
            warn(name, risk_class, day)
        before[name] = risk_class
    found = [
        (customer.removeprefix("templates:"), *rest)
        for customer, *rest in marts.rows(
            "select customer_id, warning_signal, warning_date, response_days, is_answered_in_time from marts.fct_early_warnings"
        )
    ]
    key = str
    assert sorted(found, key=key) == sorted(expected, key=key)
    assert {row[1] for row in found} == {"risk_record", "watch", "reducing", "defecting"}
    year = [row for row in expected if date(2024, 5, 31) < row[2] <= date(2025, 5, 31)]
    assert marts.value("early_warning_response_rate", "t12m", T) == six(
        Decimal(sum(row[4] for row in year)) / len(year)
    )
    assert marts.value("early_warning_response_time", "t12m", T) == six(
        median(row[3] for row in year if row[3] is not None)
    )


def test_expansion_by_hand(build: Builder) -> None:
    company = Company()
    for product, family, tier in (("core", "Core", 1), ("core+", "Core", 2), ("extra", "Extra", 1)):
        company.add(
            "products", product_id=product, product_family=family, offer_type="product", tier_rank=tier
        )

    def change(name: str, *lines: tuple[str, str, str | None, int, int]) -> None:
        company.customer(name, segment="s")
        for product, start, end, quantity, mrr in lines:
            company.line(name, start, end, mrr, product=product, quantity=quantity, unit_of_measure="seat")

    start, turn = "2023-01-01", "2025-01-01"
    change("more seats", ("core", start, turn, 10, 100), ("core", turn, None, 15, 150))
    change("another product", ("core", start, None, 10, 100), ("extra", "2025-02-01", None, 4, 40))
    change("higher tier", ("core", start, turn, 10, 100), ("core+", turn, None, 10, 170))
    # Less in all, and yet two seats more of one product.
    change(
        "more and less",
        ("core", start, turn, 10, 100),
        ("core", turn, None, 12, 120),
        ("extra", start, turn, 3, 30),
    )
    change("higher price", ("core", start, turn, 10, 100), ("core", turn, None, 10, 110))
    change("fewer seats", ("core", start, turn, 10, 100), ("core", turn, None, 6, 60))
    change("new", ("core", turn, None, 10, 100), ("extra", turn, None, 4, 40))
    company.invoice("another product", "2025-03-01", 300, "one_time").invoice(
        "new", "2025-03-01", 999, "one_time"
    )
    company.invoice("more seats", "2024-03-01", 5000, "one_time")
    marts = build(company)
    day = "2025-06-30"
    assert marts.value("upsell_arr", "t12m", day) == 12 * (50 + 70 + 20)
    assert marts.value("cross_sell_arr", "t12m", day) == 12 * 40
    grown = 12 * (50 + 40 + 70 + 10)
    assert marts.value("expansion_arr", "t12m", day) == grown
    assert marts.value("expansion_recurring_share", "t12m", day) == six(Decimal(grown) / (grown + 300))
    # In the month nothing moved.
    assert marts.rows(
        "select 1 from marts.fct_metric_values where metric_key in ('upsell_arr', 'cross_sell_arr') and period_grain = 'month' and period_end = ?"
        " and numerator <> 0",
        day,
    ) == []  # fmt: skip


def test_barriers_by_hand(build: Builder) -> None:
    """Customers begin on 2024-06-01; the ninetieth day is 2024-08-29."""
    company = Company()
    start = "2024-06-01"
    Account(company, "removed", start).risk("2024-08-29", "2025-02-25")
    Account(company, "found too late", start).risk("2024-08-30", "2024-09-05")
    Account(company, "removed too late", start).risk("2024-08-29", "2025-02-26")
    Account(company, "left", start, "2024-09-15").risk("2024-07-10", "2024-09-20")
    Account(company, "open", start).risk("2024-07-10")
    for name, later in (("learned", 100), ("still lost", 40), ("silent", None)):
        company.customer(name)
        company.line(name, start, None, 100, quantity=10, unit_of_measure="seat")
        answers: list[tuple[str, str, int | None, str | None]] = [
            ("2024-07-10", "barrier", None, "hard to use"),
            ("2024-07-11", "barrier", None, "hard to use"),
        ]
        if later is not None:
            answers.append(("2024-11-05", "adoption_share", later, None))
        for number, (day, kind, score, words) in enumerate(answers):
            company.add(
                "survey_responses", answer_id=f"{name}{number}", account_id=name, contact_id=f"{number}", question_kind=kind, score=score,
                answer=words, answered_date=day,
            )  # fmt: skip
    marts = build(company)
    july = marts.row("onboarding_barrier_removal_rate", "month", "2024-07-31")
    # Left and open, learned and still lost; of the silent one nobody knows.
    assert (july["numerator"], july["denominator"], july["coverage"]) == (1, 4, six("0.8"))
    august = marts.row("onboarding_barrier_removal_rate", "month", "2024-08-31")
    assert (august["numerator"], august["denominator"]) == (1, 2)
    assert marts.row("onboarding_barrier_removal_rate", "t12m", "2025-05-31")["verdict"] == "provisional"


def test_value_shown_quarter_by_quarter(build: Builder) -> None:
    company = Company()
    _log(company)
    even = Account(company, "even", "2024-07-01", "2025-07-01", segment="even")
    # The first day of a quarter is the quarter's; a cadence call shows no value, a shared template neither.
    even.touch("QBR", "2024-10-01").did("roi analysis", "2025-03-31").touch("Cadence", "2024-08-01").did(
        "templates", "2024-08-02"
    )
    Account(company, "one quarter", "2025-02-28", "2026-02-28", segment="young").touch("EBR", "2025-03-01")
    Account(company, "none over", "2025-03-15", "2026-03-15", segment="young")
    Account(company, "without end", "2024-01-01", segment="young").touch("EBR", "2025-03-01")
    late = {"late": "2025-02-15", "early": "2025-02-14", "never": None}
    for name, day in late.items():
        account = Account(company, name, "2024-05-15", "2025-05-15", segment="ended")
        if day:
            account.touch("EBR", day).touch("EBR", "2025-05-01")
    Account(company, "short", "2024-12-15", "2025-05-15", segment="ended").touch("EBR", "2025-05-01")
    marts = build(company)

    def parts(key: str, grain: str, segment: str) -> tuple[Any, ...]:
        row = marts.row(key, grain, T, segment)
        return row["numerator"], row["denominator"], row["coverage"]

    # Quarters from July, October and January are over; that from April is not.
    assert parts("value_touch_evenness", "month", "even") == (2, 3, 1)
    # From 2025-02-28 the first quarter is over on 2025-05-27.
    assert parts("value_touch_evenness", "month", "young") == (1, 1, 1)
    assert parts("renewal_only_touch_share", "month", "ended") == (1, 2, 1)
    assert parts("renewal_only_touch_share", "t12m", "ended") == (1, 2, 1)


def test_outcomes_by_what_had_been_done_before(build: Builder) -> None:
    """Bands are read at the opening; what is done afterwards changes none."""
    company = Company()
    _log(company)
    full, half = ("coaching", "qbr", "roi analysis"), ("coaching",)
    for name, done, end, mrr in (
        ("full stays", full, None, 130), ("full grows", full, None, 160), ("half stays", half, None, 100), ("half leaves", half, "2025-03-01", 100),
    ):  # fmt: skip
        account = Account(company, name, "2023-01-01", "2024-09-01")
        company.line(name, "2024-09-01", end, mrr, renewal_of_contract_id=None)
        account.did("health check", "2025-04-01").did("expansion goal setting", "2025-04-01")
        for activity in done:
            account.did(activity, "2024-05-01")
    # From 40 down to 20: three quarters of the way, all of it and more, none of it.
    for name, value in (("full stays", 25), ("full grows", 10), ("half stays", 45), ("half leaves", 10)):
        company.add("success_plans", plan_id=name, account_id=name, start_date="2025-01-01")
        company.add(
            "success_objectives", objective_id=name, plan_id=name, baseline_value=40, target_value=20, current_value=value, updated_date="2025-02-01",
        )  # fmt: skip
    marts = build(company)

    def member(key: str, dimension: str, name: str) -> tuple[Any, ...]:
        return marts.rows(
            "select cast(numerator as int), cast(denominator as int) from marts.fct_metric_values where metric_key = ? and dimension = ?"
            " and member = ? and period_grain = 't12m' and period_end = ?",
            key, dimension, name, T,
        )[0]  # fmt: skip

    band = "activity_coverage_band"
    assert member("retention_by_activity_coverage", band, "more_than_half") == (2, 2)
    assert member("retention_by_activity_coverage", band, "up_to_half") == (1, 2)
    assert member("expansion_by_activity_coverage", band, "more_than_half") == (30 + 60, 200)
    assert member("expansion_by_activity_coverage", band, "up_to_half") == (0, 200)
    assert marts.value("retention_by_activity_coverage", "t12m", T) == six("0.5")
    # Of the one that has left nobody knows what it reached.
    assert marts.value("success_by_activity_coverage", "t12m", T) == six("0.875")
    assert marts.value("expansion_by_activity_coverage", "t12m", T) == six("0.45")


def test_use_by_whether_anything_was_done_for_it(build: Builder) -> None:
    company = Company()
    _log(company)
    for name, is_helped, share in (("helped", True, 90), ("helped, too", True, 70), ("alone", False, 40)):
        company.customer(name)
        company.line(name, "2023-01-01", None, 100, quantity=10, unit_of_measure="seat")
        account = Account.__new__(Account)
        account.company, account.name = company, name
        if is_helped:
            account.did("training", "2024-05-01")
        account.did("coaching", "2025-05-01")
        company.add(
            "survey_responses", answer_id=name, account_id=name, contact_id="a", question_kind="adoption_share", score=share,
            answered_date="2025-05-05",
        )  # fmt: skip
    marts = build(company)
    assert marts.value("adoption_by_activity_coverage", "t12m", T) == six("0.4")
