"""Activities of customer success: every window and eligibility on both sides of its limit, and an oracle in Python (clarifications B12.6)."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six
from tests.harness import PROJECT

T = "2025-05-31"


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


SETTINGS = seed("cs_activities")
CATEGORIES = list(dict.fromkeys(row["category"] for row in SETTINGS))
ACTIVITIES = {
    category: [row["activity_key"] for row in SETTINGS if row["category"] == category and row["activity_key"]]
    for category in CATEGORIES
}
KEYS = [*CATEGORIES, *(key for keys in ACTIVITIES.values() for key in keys)]


class Account:
    """One customer, and what was done with it."""

    def __init__(
        self, company: Company, name: str, start: str, end: str | None = None, segment: str = "s"
    ) -> None:
        self.company, self.name = company, name
        company.customer(name, segment=segment)
        company.line(name, start, end, 100)

    def did(self, activity: str, *days: str, **row: Any) -> Account:
        for day in days:
            number = len(self.company.exports.get("templates/activity_records", ()))
            self.company.add(
                "activity_records",
                record_id=f"R{number}",
                account_id=self.name,
                activity=activity,
                activity_date=day,
                **row,
            )
        return self

    def touch(self, kind: str, day: str, **row: Any) -> Account:
        number = len(self.company.exports.get("templates/engagements", ()))
        self.company.add(
            "engagements",
            engagement_id=f"E{number}",
            account_id=self.name,
            engagement_type=kind,
            started_at=day,
            **row,
        )
        return self

    def risk(self, opened: str, closed: str | None = None, kind: str = "churn") -> Account:
        number = len(self.company.exports.get("templates/risk_records", ()))
        self.company.add(
            "risk_records",
            risk_id=f"K{number}",
            account_id=self.name,
            risk_type=kind,
            opened_date=opened,
            closed_date=closed,
        )
        return self


#: Name → start and end of the contract, activities with their days, and states at the end of May 2025.
CASES: dict[str, tuple[str, str | None, dict[str, str], dict[str, str]]] = {
    # Trailing windows: (t − N, t].
    "year in": ("2023-01-01", None, {"journey_mapping": "2024-06-01"}, {"journey_mapping": "done", "success_planning": "done"}),
    "year out": ("2023-01-01", None, {"journey_mapping": "2024-05-31"}, {"journey_mapping": "missing", "success_planning": "missing"}),
    "half-year in": ("2023-01-01", None, {"coaching": "2024-12-03"}, {"coaching": "done", "adoption": "done", "training": "missing"}),
    "half-year out": ("2023-01-01", None, {"coaching": "2024-12-02"}, {"coaching": "missing", "adoption": "missing"}),
    "quarter in": ("2023-01-01", None, {"risk_assessment": "2025-03-03"}, {"risk_assessment": "done", "health_monitoring": "done"}),
    "quarter out": ("2023-01-01", None, {"risk_assessment": "2025-03-02"}, {"risk_assessment": "missing", "health_monitoring": "missing"}),
    "last day": ("2023-01-01", None, {"roi_analysis": "2025-05-31"}, {"roi_analysis": "done", "expansion": "done"}),
    "day after": ("2023-01-01", None, {"roi_analysis": "2025-06-01"}, {"roi_analysis": "missing", "expansion": "missing"}),
    # Onboarding: the first 90 days, or before them, at a tenure of 3 to 12 months.
    "ninetieth day": ("2025-02-10", None, {"kickoff_meeting": "2025-05-10"}, {"kickoff_meeting": "done", "onboarding": "done"}),
    "day 91": ("2025-02-10", None, {"kickoff_meeting": "2025-05-11"}, {"kickoff_meeting": "missing", "onboarding": "missing"}),
    "before it began": ("2025-02-10", None, {"initial_welcome": "2025-01-20"}, {"initial_welcome": "done", "onboarding": "done"}),
    "two months": ("2025-03-01", None, {"kickoff_meeting": "2025-03-02"},
                   {"kickoff_meeting": "not_due", "onboarding": "not_due", "success_planning": "not_due", "adoption": "not_due",
                    "health_monitoring": "missing", "expansion": "not_due"}),
    "three months": ("2025-02-28", None, {}, {"onboarding": "missing", "success_planning": "missing", "adoption": "missing"}),
    "twelve months": ("2024-05-01", None, {"access_verification": "2024-05-20"}, {"onboarding": "done", "access_verification": "done"}),
    "thirteen months": ("2024-04-30", None, {"access_verification": "2024-05-20"}, {"onboarding": "not_due"}),
    # Up-sell and cross-sell: from a tenure of six months on.
    "five months": ("2024-12-01", None, {}, {"expansion": "not_due", "account_review": "not_due"}),
    "six months": ("2024-11-30", None, {"account_review": "2025-01-01"}, {"expansion": "done", "opportunity_alignment": "missing"}),
    # Retention: a term ends in (t, t + 180 days].
    "ends in 180 days": ("2023-11-27", "2025-11-27", {"budget_planning": "2025-05-01"}, {"retention": "done", "follow_up": "missing"}),
    "ends in 181 days": ("2023-11-28", "2025-11-28", {"budget_planning": "2025-05-01"}, {"retention": "not_due", "budget_planning": "not_due"}),
    "never ends": ("2023-01-01", None, {}, {"retention": "not_due", "win_loss_analysis": "not_due"}),
    # Who needs it: a customer at risk; one whose term ended within 180 days, renewed or lost.
    "at no risk": ("2023-01-01", None, {"intervention": "2025-05-01"}, {"intervention": "not_due", "health_monitoring": "done"}),
    "lost": ("2024-04-01", "2025-04-01", {"win_loss_analysis": "2025-04-20"}, {"win_loss_analysis": "done", "health_monitoring": "not_due"}),
    "lost, why": ("2024-04-01", "2025-04-01", {}, {"win_loss_analysis": "missing"}),
    "lost in december": ("2023-12-04", "2024-12-04", {"win_loss_analysis": "2025-01-01"}, {"win_loss_analysis": "done"}),
    # One goal setting is not the other.
    "goals to succeed": ("2023-01-01", None, {"Goal setting": "2025-05-01"},
                         {"planning_goal_setting": "done", "expansion_goal_setting": "missing", "expansion": "missing"}),
    "goals to grow": ("2023-01-01", None, {"Goal setting for expansion": "2025-05-01"},
                      {"planning_goal_setting": "missing", "expansion_goal_setting": "done", "success_planning": "missing"}),
}  # fmt: skip


def _company() -> Company:
    company = Company()
    for name, (start, end, done, _) in CASES.items():
        account = Account(company, name, start, end, segment="cases")
        for activity, day in done.items():
            account.did(activity, day)
    # The list of activities begins here, and tells of everybody.
    Account(company, "log", "2023-01-01", segment="others").did("coaching", "2022-01-01")
    Account(company, "at risk", "2023-01-01").risk("2025-05-20").touch("Save call", "2025-05-25")
    Account(company, "at risk, alone", "2023-01-01").risk("2025-05-20")
    Account(company, "asked", "2023-01-01")
    company.add(
        "survey_responses",
        answer_id="A1",
        account_id="asked",
        contact_id="a",
        question_kind="nps",
        score=9,
        answered_date="2025-05-02",
    )
    # Words of engagements: the finest counts, else the type; what did not take place is no activity.
    Account(company, "touched", "2023-01-01").touch("QBR", "2025-05-02").touch(
        "Account review", "2025-05-03"
    ).touch("Negotiation", "2025-05-04").touch("Training", "2025-05-05", is_completed="false")
    # Completed trainings, live coaching, and objectives that say what success is; a draft sets nothing yet.
    Account(company, "learnt", "2023-01-01")
    for number, (mode, day) in enumerate(
        (("e-learning", "07"), ("classroom", "08"), ("coaching", "09"), ("tea", "10"))
    ):
        company.add(
            "training_completions",
            completion_id=f"T{number}",
            account_id="learnt",
            mode=mode,
            completed_date=f"2025-05-{day}",
        )
    for name, status, criteria in (
        ("learnt", "active", True),
        ("asked", "active", False),
        ("acted", "draft", True),
    ):
        company.add("success_plans", plan_id=name, account_id=name, start_date="2025-05-01", status=status)
        company.add(
            "success_objectives", objective_id=name, plan_id=name, start_date="2025-05-11", has_success_criteria=str(criteria).lower()
        )  # fmt: skip
    # Listed trainings count; other actions are none of the activities.
    Account(company, "acted", "2023-01-01")
    company.add(
        "customer_actions",
        action_id="1",
        account_id="acted",
        action_type="workshop",
        action_date="2025-05-06",
    )
    company.add(
        "customer_actions",
        action_id="2",
        account_id="acted",
        action_type="Health check",
        action_date="2025-05-06",
    )
    return company


def _judged(company: Company) -> Company:
    """What the company says: the newest word counts, one it does not know counts for nothing."""
    for practice, day, says in (
        ("coaching", "2025-01-01", False), ("Coaching", "2025-02-01", True), ("coaching", "2025-07-01", False),
        ("training", "2025-02-01", False), ("qbr", "2025-02-01", False), ("business_review", "2025-02-01", True), ("tea", "2025-02-01", True),
    ):  # fmt: skip
        company.add(
            "practice_assessments", practice=practice, assessed_date=day, is_practised=str(says).lower()
        )
    return company


@pytest.fixture(scope="module")
def marts(build: Builder) -> Warehouse:
    return build(_company())


def states(marts: Warehouse, name: str, month_end: str = T) -> dict[str, str]:
    columns = ", ".join(f"{key}_state" for key in KEYS)
    row = marts.one(
        f"select {columns} from marts.fct_activity_months where customer_id = ? and month_end = cast(? as date)",
        f"templates:{name}",
        month_end,
    )
    return dict(zip(KEYS, row, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_due_and_done_on_both_sides_of_each_limit(marts: Warehouse, name: str) -> None:
    expected = CASES[name][3]
    found = states(marts, name)
    assert {key: found[key] for key in expected} == expected


def test_a_term_that_ended_181_days_ago_needs_no_analysis_any_more(marts: Warehouse) -> None:
    # Its last day is 2024-12-03, 179 days before the end of May and 209 before that of June.
    query = "select count(*) from marts.fct_activity_months where customer_id = 'templates:lost in december' and not is_active and month_end = ?"
    assert [marts.one(query, day) for day in (date(2025, 5, 31), date(2025, 6, 30))] == [1, 0]


def test_evidence_of_systems_counts_and_so_does_a_word(marts: Warehouse) -> None:
    assert states(marts, "at risk")["intervention"] == "done"
    assert states(marts, "at risk")["risk_assessment"] == "done"
    assert states(marts, "at risk, alone")["intervention"] == "missing"
    assert states(marts, "asked")["sentiment_analysis"] == "done"
    assert states(marts, "asked")["usage_tracking"] == "missing"
    assert states(marts, "acted")["training"] == "done"
    assert marts.rows(
        "select activity_key, activity_date::varchar, is_by_person, evidence from intermediate.int_cs_activities"
        " where customer_id = 'templates:learnt' order by activity_date"
    ) == [
        ("training", "2025-05-07", False, "completion"),
        ("training", "2025-05-08", True, "completion"),
        ("coaching", "2025-05-09", True, "completion"),
        ("planning_goal_setting", "2025-05-11", True, "objective"),
    ]  # fmt: skip
    assert [states(marts, name)["planning_goal_setting"] for name in ("asked", "acted")] == ["missing"] * 2
    touched = states(marts, "touched")
    assert {key for key, state in touched.items() if state == "done"} == {
        "success_planning", "business_review", "expansion", "account_review",
    }  # fmt: skip
    assert touched["training"] == "missing"
    # Whoever negotiates follows up, but nothing of the kind is due with a contract without end.
    assert marts.rows(
        "select activity_key, is_by_person, evidence from intermediate.int_cs_activities where customer_id = 'templates:touched' order by all"
    ) == [("account_review", True, "engagement"), ("business_review", True, "engagement"), ("follow_up", True, "engagement")]  # fmt: skip


def test_shares_of_the_cases_are_the_counts_of_their_states(marts: Warehouse) -> None:
    for key in KEYS:
        found = [state for name in CASES if (state := _state(marts, name, key)) not in (None, "not_due")]
        if key == "intervention":  # nobody among the cases is at risk
            assert not found
            continue
        row = marts.row(f"activity_coverage_{key}", "month", T, "cases")
        assert (row["numerator"], row["denominator"], row["coverage"]) == (found.count("done"), len(found), 1)


def _state(marts: Warehouse, name: str, key: str) -> str | None:
    found = marts.rows(
        f"select {key}_state from marts.fct_activity_months where customer_id = ? and month_end = cast(? as date)",
        f"templates:{name}",
        T,
    )
    return found[0][0] if found else None


def test_half_the_job_by_hand(build: Builder) -> None:
    """Four customers of long standing, to whom four categories are due, or five where a term ends soon."""
    company = _judged(Company())
    Account(company, "log", "2023-01-01", "2024-01-01", segment="log").did("coaching", "2022-01-01")
    year = "2025-05-10"
    two = Account(company, "half", "2023-01-01")
    two.did("coaching", year).did("qbr", year)
    Account(company, "more", "2023-01-01").did("coaching", year).did("qbr", year).did("roi analysis", year)
    Account(company, "all", "2023-01-01", "2025-08-01").did("coaching", year).did("qbr", year).did(
        "roi analysis", year
    ).did("health check", year).did("renewal notice", year)
    Account(company, "two of five", "2023-01-01", "2025-08-01").did("coaching", year).did(
        "training", year
    ).did("qbr", year)
    marts = build(company)
    assert marts.value("cs_category_coverage", "month", T) == six(Decimal(2 + 3 + 5 + 2) / (4 + 4 + 5 + 5))
    assert marts.value("half_job_share", "month", T) == six("0.5")
    assert marts.value("cs_activity_coverage", "month", T) == six(Decimal(2 + 3 + 5 + 3) / (4 * 23))
    # Adoption, planning: 4 of 4; expansion 2 of 4; health 1 of 4; retention 1 of 2. Onboarding is due with nobody.
    assert marts.value("cs_categories_practised", "month", T) == 4
    # Said and reached: coaching 4 of 4, training 1 of 4, a business review 4 of 4; of the two words for one the modest one is taken.
    assert marts.rows(
        "select activity_key, is_practised, assessed_date::varchar, covered_customer_count, known_customer_count, due_customer_count, gap_share, finding"
        " from marts.fct_practice_assessments where assessed_date is not null order by 1"
    ) == [
        ("business_review", False, "2025-02-01", 4, 4, 4, -1, "shown_not_said"),
        ("coaching", True, "2025-02-01", 4, 4, 4, 0, "said_and_shown"),
        ("training", False, "2025-02-01", 1, 4, 4, six("-0.25"), "neither"),
    ]  # fmt: skip
    assert marts.one(
        "select count(*), count(distinct finding) from marts.fct_practice_assessments where assessed_date is null"
    ) == (21, 1)
    by_stage = dict(
        marts.rows(
            "select member, cast(numerator as int) || '/' || cast(denominator as int) from marts.fct_metric_values"
            " where metric_key = 'cs_category_coverage' and dimension = 'lifecycle_stage' and period_grain = 'month' and period_end = ?",
            T,
        )
    )
    assert by_stage == {"growing": "5/8", "renewing": "7/10"}


def test_half_the_job_is_known_as_soon_as_what_is_unknown_cannot_change_it(build: Builder) -> None:
    """The log begins in January: a year of planning and growth is not known of, half a year of adoption is not, a quarter is."""
    company = Company()
    Account(company, "log", "2023-01-01").did("coaching", "2025-01-15")
    Account(company, "watched", "2023-01-01").did("health check", "2025-05-01")
    marts = build(company)
    found = states(marts, "watched")
    assert {key: found[key] for key in CATEGORIES} == {
        "onboarding": "not_due", "success_planning": "unknown", "adoption": "unknown", "health_monitoring": "done",
        "retention": "not_due", "expansion": "unknown",
    }  # fmt: skip
    assert marts.row("half_job_share", "month", T)["coverage"] == 0
    assert marts.row("activity_coverage_adoption", "month", T)["denominator"] == 0
    assert marts.row("cs_category_coverage", "month", T)["coverage"] == six("0.25")
    assert marts.row("cs_activity_coverage", "month", T)["value"] is None


def test_use_is_tracked_as_long_as_its_feed_reaches_the_month_end(build: Builder) -> None:
    """Nobody logs activities; the feed runs from February 2024 to the 25th of April 2025, and the last window reaches into July."""
    company = Company()
    Account(company, "used", "2023-01-01")
    for day in ("2024-02-01", "2025-04-25"):
        company.add("product_usage", account_id="used", usage_date=day, event_count=3)
    marts = build(company)
    found = {
        str(month): state
        for month, state in marts.rows(
            "select month_end, usage_tracking_state from marts.fct_activity_months"
        )
    }
    # Known from the window on that begins after the first month-end with a feed; then 90 days after the last one.
    assert [found[day] for day in ("2024-04-30", "2024-05-31", "2025-05-31", "2025-06-30")] == [
        "unknown", "done", "done", "done",
    ]  # fmt: skip
    assert states(marts, "used")["health_monitoring"] == "done"
    assert states(marts, "used")["coaching"] == "unknown"


def test_a_system_that_logs_none_of_the_activities_tells_nothing_of_them(build: Builder) -> None:
    company = Company()
    Account(company, "called", "2023-01-01").touch("Call", "2023-01-02").touch("Call", "2025-06-01")
    assert set(states(build(company), "called").values()) == {"not_due", "unknown"}


# ---- The oracle ------------------------------------------------------------------------------------------------------------


def _random_company(number: int) -> tuple[Company, dict[str, dict[str, list[date]]]]:
    dice = random.Random(number)
    company, done = Company(), defaultdict[str, dict[str, list[date]]](lambda: defaultdict(list))
    for index in range(120):
        name = f"C{index:03d}"
        start = date(2022, 1, 1) + timedelta(days=dice.randrange(1150))
        end = None if dice.random() < 0.4 else start + timedelta(days=dice.randrange(200, 900))
        account = Account(
            company, name, str(start), str(end) if end else None, dice.choice(("Large", "Small"))
        )
        for _ in range(dice.randrange(14)):
            activity = dice.choice(KEYS[len(CATEGORIES) :])
            day = date(2024, 1, 10) + timedelta(days=dice.randrange(530))
            account.did(activity, str(day))
            done[name][activity].append(day)
        if dice.random() < 0.3:
            opened = date(2024, 6, 1) + timedelta(days=dice.randrange(300))
            account.risk(str(opened), str(opened + timedelta(days=dice.randrange(1, 120))))
            done[name]["risk_assessment"].append(opened)
    return company, done


def _oracle_state(key: str, customer: dict[str, Any], days: dict[str, list[date]], logged_from: date) -> str:
    (row,) = (row for row in SETTINGS if row["metric_key"] == f"activity_coverage_{key}")
    t, tenure, span = customer["snapshot"], customer["tenure"], int(row["window_days"])
    is_due = customer["is_active"] and int(row["from_tenure_months"] or 0) <= tenure
    is_due = is_due and tenure <= int(row["to_tenure_months"] or 10**6)
    if row["renews_within_days"]:
        renews = customer["renews_on"]
        is_due = is_due and renews is not None and 0 < (renews - t).days <= int(row["renews_within_days"])
    if row["needed_by"] == "at_risk":
        is_due = is_due and customer["risk_class"] in ("defecting", "reducing")
    if row["needed_by"] == "term_ended":
        is_due = any(0 <= (t - ended).days < span for ended in customer["ended"])
    if not is_due:
        return "not_due"
    first = row["window_kind"] == "first"
    begins = customer["first"] if first else t - timedelta(days=span - 1)
    if logged_from > begins:
        return "unknown"
    names = [row["activity_key"]] if row["activity_key"] else ACTIVITIES[row["category"]]
    inside = (
        day <= t and ((day - customer["first"]).days < span if first else day >= begins)
        for name in names
        for day in days.get(name, ())
    )
    return "done" if any(inside) else "missing"


@pytest.mark.parametrize("number", [1, 2])
def test_every_state_of_a_random_company_is_what_the_rules_say(build: Builder, number: int) -> None:
    company, done = _random_company(number)
    marts = build(company)
    logged_from = min(
        date.fromisoformat(row["activity_date"]) for row in company.exports["templates/activity_records"]
    )
    ended = defaultdict[str, list[date]](list)
    for customer, day in marts.rows(
        "select customer_id, due_date from marts.fct_contract_renewals where not is_open"
    ):
        ended[customer].append(day)
    found: dict[tuple[str, date], list[str]] = {}
    expected: dict[tuple[str, date], list[str]] = {}
    for customer, day, *rest in marts.rows(
        f"select customer_id, month_end, {', '.join(f'{key}_state' for key in KEYS)} from marts.fct_activity_months"
    ):
        found[customer, day] = rest
    for customer, day, snapshot, is_active, first, tenure, risk_class, renews_on in marts.rows(
        "select months.customer_id, months.month_end, months.snapshot_date, is_active, first_revenue_date, months.tenure_months, risk_class, renews_on"
        " from marts.fct_customer_months as months left join marts.fct_health_months using (customer_id, month_end)"
    ):
        values = {
            "snapshot": snapshot, "is_active": is_active, "first": first, "tenure": tenure, "risk_class": risk_class,
            "renews_on": renews_on, "ended": ended[customer],
        }  # fmt: skip
        states_of_month = [
            _oracle_state(key, values, done[customer.removeprefix("templates:")], logged_from) for key in KEYS
        ]
        if is_active or set(states_of_month) != {"not_due"}:
            expected[customer, day] = states_of_month
    assert {state for row in found.values() for state in row} == {"done", "missing", "not_due", "unknown"}
    assert found == expected

    # Sums: every month, category coverage is that of its categories, half the job that of its customers.
    for day in list(month_ends(date(2024, 1, 1), date(2025, 6, 30))):
        rows = [row[: len(CATEGORIES)] for (_, month), row in expected.items() if month == day]
        parts = [marts.row(f"activity_coverage_{category}", "month", str(day)) for category in CATEGORIES]
        whole = marts.row("cs_category_coverage", "month", str(day))
        assert (
            whole["numerator"]
            == sum(part["numerator"] for part in parts)
            == sum(row.count("done") for row in rows)
        )
        assert whole["denominator"] == sum(part["denominator"] for part in parts)
        half, known = 0, 0
        for row in rows:
            due, covered, unknown = 6 - row.count("not_due"), row.count("done"), row.count("unknown")
            if due and (2 * covered > due or 2 * (covered + unknown) <= due):
                known, half = known + 1, half + (2 * covered <= due)
        share = marts.row("half_job_share", "month", str(day))
        assert (share["numerator"], share["denominator"]) == (half, known)
        practised = sum(
            part["denominator"] > 0 and 2 * part["numerator"] >= part["denominator"] for part in parts
        )
        # Before anything is known there is no number of categories.
        is_known = any(part["denominator"] for part in parts)
        assert marts.value("cs_categories_practised", "month", str(day)) == (practised if is_known else None)


def test_the_seed_has_a_row_for_each_category_and_activity_of_the_macro(marts: Warehouse) -> None:
    columns = [
        name.removesuffix("_state")
        for name, *_ in marts.rows("describe marts.fct_activity_months")
        if name.endswith("_state")
    ]
    assert columns == KEYS
    assert [row["metric_key"] for row in SETTINGS if not row["activity_key"]] == [
        f"activity_coverage_{category}" for category in CATEGORIES
    ]
    assert len([row for row in SETTINGS if row["is_named"] == "true"]) == 23
    assert {row["activity_key"] for row in seed("cs_activity_words")} == set(KEYS[len(CATEGORIES) :])
