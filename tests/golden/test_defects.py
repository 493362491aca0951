"""Defects, what they cost and what they do: known answers, every branch, and an oracle in Python over a random help desk."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.golden.test_support import WORDS, Desk, value
from tests.golden.warehouse import month_ends, six

Row = dict[str, Any]
MAY = ("month", "2024-05-31")


class Shop(Desk):
    """A desk whose cases have minutes, replies, ratings and bugs, and a company that knows what its services cost."""

    def seats(self, account: str, seats: int, start: str, **columns: Any) -> None:
        self.add(
            "salesforce/account", id=account, name=account, segment_c="Any", created_date=start, **columns
        )
        self.add(
            "templates/contract_lines", contract_line_id=f"L-{account}", account_id=account, start_date=start, mrr_amount=10,
            product_id="core", quantity=seats, unit_of_measure="seat",
        )  # fmt: skip
        self.add("zendesk/organization", id=f"org-{account}", external_id=account, created_at=start)

    def worked(
        self, account: str, opened: str, closed: str | None, reason: str | None, replies: int = 1,
        minutes: float | None = None, **row: Any,
    ) -> str:  # fmt: skip
        """A case with replies on the day of opening, and seconds worked on it."""
        seconds = "" if minutes is None else str(round(minutes * 60))
        case = self.case(account, opened, closed, reason, custom_total_time_spent_sec=seconds, **row)
        for number in range(replies):
            self.add(
                "zendesk/ticket_comment", id=f"r{case}-{number}", ticket_id=case, user_id="bob",
                created=f"{opened} 11:{number:02}:00", public="true",
            )  # fmt: skip
        return case

    def bug(self, number: str, created: str, resolved: str | None, resolution: str = "1", **row: Any) -> None:
        self.add(
            "jira/issue", id=number, key=f"P-{number}", project="10", issue_type="1", created=created, resolved=resolved or "",
            resolution=resolution if resolved else "", **row,
        )  # fmt: skip

    def link(self, case: str, bug: str) -> None:
        self.add(
            "templates/case_defects", case_system="zendesk", case_id=case, defect_system="jira", defect_id=bug
        )

    def cost(self, month: str, line: str, amount: Any, **columns: Any) -> None:
        number = len(self.tables.get("templates/service_costs", ()))
        self.add(
            "templates/service_costs", cost_id=f"C{number}", period_month=month, service_line=line, amount=amount, **columns
        )  # fmt: skip

    def rate(self, role: str, day: str, amount: Any, region: str = "") -> None:
        number = len(self.tables.get("templates/labour_rates", ()))
        self.add(
            "templates/labour_rates", rate_id=f"R{number}", role=role, region=region, valid_from=day, hourly_cost=amount
        )  # fmt: skip

    def rated(self, case: str, day: str, is_good: bool) -> None:
        self.add(
            "zendesk/satisfaction_rating", id=f"s{case}", ticket_id=case, score="good" if is_good else "bad",
            created_at=f"{day} 09:00:00", updated_at=f"{day} 09:00:00",
        )  # fmt: skip


def shop() -> Shop:
    made = Shop()
    made.add("templates/products", product_id="core", product_name="Core", product_family="Core")
    made.add("jira/issue_type", id="1", name="Bug")
    made.add("jira/issue_type", id="2", name="Story")
    for number, name in (("1", "Fixed"), ("2", "Works as designed"), ("3", "Duplicate")):
        made.add("jira/resolution", id=number, name=name)
    return made


def build(folder: Path, desk: Desk, cache: Path, **variables: Any) -> duckdb.DuckDBPyConnection:
    settings = {"as_of_date": "2024-06-30", "min_denominator": 1, "min_coverage": 0, "effect_min_n": 5}
    return harness.build(
        folder, desk.tables, cache, tested="support|case|cost|defect|release|topic|review|contributions|ratios|statistics|values|mix",
        **{**settings, **variables},
    )  # fmt: skip


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What happened in the spring of 2024 at a shop with 400 seats."""
    desk = shop()
    desk.seats("001A", 100, "2023-01-01")
    desk.seats("001B", 200, "2023-01-01", region_c="West")
    desk.seats("001C", 100, "2023-01-01")
    desk.rate("support", "2024-01-01", 60)
    desk.rate("support", "2024-04-15", 90)
    desk.rate("Support", "2024-01-01", 120, "West")
    desk.rate("engineering", "2024-01-01", 120)
    for line, amount in (("support", 600), ("support", 400), ("success", 500), ("tooling", 100)):
        desk.cost("2024-04-01", line, amount)
    desk.cost("2024-04-01", "success", 50, is_investment="true")
    desk.cost("2024-05-01", "support", 900, currency="XYZ")

    # April: 30 minutes at 60, 30 at 90, 20 in the West at 120; one without minutes, one that the bot closed.
    early = desk.worked("001A", "2024-04-01", "2024-04-10", "defect", 3, 30, custom_topic="Import")
    late = desk.worked("001A", "2024-04-02", "2024-04-20", "how_to", 3, 30, custom_topic="Reports")
    desk.worked("001B", "2024-04-03", "2024-04-10", "how_to", 1, 20, custom_topic="Reports")
    desk.worked("001C", "2024-04-04", "2024-04-11", "how_to", 1, custom_topic="Import")
    desk.case("001C", "2024-04-05", "2024-04-05", "how_to", by="-1")
    # Two hours of Development on a bug of two cases; who asked first did not know that it was one.
    desk.bug("100", "2024-04-01 08:00:00", "2024-04-21 08:00:00", time_spent=7200)
    desk.link(early, "100")
    desk.link(late, "100")

    # May: a case without minutes in a month whose cost has no exchange rate, and one that nobody classified.
    desk.worked("001C", "2024-05-02", "2024-05-03", "defect", 1, custom_product="core", custom_release="1.0")
    desk.worked("001C", "2024-05-02", "2024-05-03", None, 1, 60)
    desk.worked("001B", "2024-05-02", "2024-05-03", None, 1, 60)

    # Bugs: one waits, one is a copy of it, one was none, one was never reported, one the tracker itself calls reported.
    desk.add("templates/products", product_id="free", product_name="Free", product_family="Free")
    case = desk.worked("001A", "2024-05-20", None, "defect", 0, custom_product="free", custom_release="9")
    desk.bug("200", "2024-05-10 08:00:00", None)
    desk.bug("201", "2024-05-11 08:00:00", "2024-05-12 08:00:00", "3")
    desk.add("jira/issue_link", issue_id="201", related_issue_id="200", relationship="duplicates")
    desk.link(case, "201")
    other = desk.worked("001B", "2024-05-21", "2024-06-21", "defect", 0, 30)
    desk.bug("202", "2024-05-10 08:00:00", "2024-06-09 08:00:00", "2")
    desk.link(other, "202")
    # A copy of a copy of one that works as designed; two that are copies of each other; a copy of a story.
    for number, original in (("205", "206"), ("206", "207"), ("208", "209"), ("209", "208"), ("210", "211")):
        desk.bug(number, "2024-05-10 08:00:00", "2024-05-12 08:00:00", "3")
        desk.add("jira/issue_link", issue_id=number, related_issue_id=original, relationship="duplicates")
    desk.bug("207", "2024-05-10 08:00:00", "2024-05-12 08:00:00", "2")
    desk.add("jira/issue", id="211", key="P-211", project="10", issue_type="2", created="2024-05-10 08:00:00")
    desk.link(other, "205")
    desk.bug("203", "2024-05-10 08:00:00", None)
    desk.bug("204", "2024-05-10 08:00:00", "2024-06-19 08:00:00", custom_customer_reported="true")

    # Two that match nobody in the CRM: nothing but their contracts tells of one, the other is joined to its account of the help desk.
    for account in ("900X", "900Y"):
        desk.add(
            "templates/contract_lines", contract_line_id=account, account_id=account, start_date="2023-01-01", mrr_amount=1
        )  # fmt: skip
    desk.add("zendesk/organization", id="org-900Y", created_at="2023-01-01")
    joined = {
        "system": "zendesk",
        "account_id": "org-900Y",
        "customer_system": "templates",
        "customer_account_id": "900Y",
    }
    # The log ends on 21 June: of the first case it tells all 30 days, of the second it does not.
    desk.worked("900Y", "2024-05-22", None, "defect", 0)
    desk.worked("001C", "2024-06-10", None, "defect", 0)

    # Somebody spoke with A within 30 days after its last defect, with nobody else.
    for account, day, kind in (
        ("001A", "2024-04-30", "meeting"),
        ("001A", "2024-06-19", "meeting"),
        ("001B", "2024-06-21", "meeting"),
        ("001C", "2024-04-02", "newsletter"),
        ("001C", "2024-04-15", "training"),
    ):
        desk.add(
            "templates/engagements", engagement_id=f"E{account}{day}", account_id=account, engagement_type=kind,
            started_at=f"{day} 10:00",
        )  # fmt: skip

    # G16: 48 of 50 criteria.
    for article, checked, met in (("a", 20, 20), ("b", 30, 28), ("c", 10, 12), ("d", 0, 0)):
        desk.add(
            "templates/article_reviews", article_id=article, reviewed_at="2024-04-08", criteria_checked=checked, criteria_met=met
        )  # fmt: skip
    with build(
        tmp_path_factory.mktemp("defects"), desk, model_cache, seeds={"customer_overrides": [joined]}
    ) as connection:
        yield connection


def test_a_case_costs_its_minutes_or_a_share_of_the_month(april: duckdb.DuckDBPyConnection) -> None:
    """Replies: 3 and 3 of two defects, 1 and 1 of two questions: weights 1.5 and 0.5, 250 for each unit of 1,000."""
    found = april.execute(
        "select cost_amount, cost_basis, effort_weight, hourly_amount from marts.fct_case_costs"
        " where month_end = date '2024-04-30' order by case_key"
    ).fetchall()
    assert found == [
        (30, "measured", six("1.5"), 60),
        (45, "measured", six("1.5"), 90),
        (40, "measured", six("0.5"), 120),
        (125, "allocated", six("0.5"), 60),
        (0, "measured", None, 60),
    ]


def test_without_minutes_or_a_known_cost_a_case_has_none(april: duckdb.DuckDBPyConnection) -> None:
    found = april.execute(
        "select cost_amount, cost_basis from marts.fct_case_costs where month_end = date '2024-05-31' order by case_key"
    ).fetchall()
    assert found == [(None, None), (90, "measured"), (120, "measured")]
    row = value(april, "defect_handling_cost", "month", "2024-05-31")
    assert (row["value"], row["coverage"], row["verdict"]) == (None, 0, "no_data")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("defect_handling_cost", 75),
        ("defect_cost_share", 75 / 1650),
        ("defect_cost_share_of_support", 75 / 1000),
        ("cost_per_case", 1000 / 4),
        ("defect_cost_ratio", (75 / 2) / ((40 + 125 + 0) / 3)),
        ("defect_issue_share", 2 / 5),
        # Two of four hundred seats
        ("defect_rate_by_product_release", None),
        ("kb_article_quality_index", "0.96"),  # G16
        ("case_volume", 5),
        # One of the four active customers of whom the help desk tells had a defect in April; people spoke with it on the thirtieth day.
        ("customers_with_defect_share", 1 / 4),
        ("defect_impact_mitigation_rate", 1),
        # The bug of April: entered on the first, fixed on the 21st.
        ("defect_fix_time", 20),
        ("defect_backlog_count", 0),
    ],
)
def test_april(april: duckdb.DuckDBPyConnection, key: str, expected: Any) -> None:
    row = harness.metric(april, key, "month", "2024-04-30")
    assert (row and row["value"]) == six(expected)


def test_development_counts_where_the_policy_says_so(
    tmp_path: Path, april: duckdb.DuckDBPyConnection
) -> None:
    """Half of two hours each at 120, which is not in the default."""
    found = april.execute(
        "select engineering_minutes, engineering_amount, total_amount - cost_amount from marts.fct_case_costs"
        " where engineering_minutes is not null"
    ).fetchall()
    assert found == [(60, 120, 0), (60, 120, 0)]


def test_shares_of_customers_add_up_to_the_cost_of_the_line(april: duckdb.DuckDBPyConnection) -> None:
    """Support by effort: 75, 40 and, for the case without minutes, what a tracked unit of weight costs: 115 ÷ 3.5 × 0.5."""
    rows = april.execute(
        "select service_line, is_investment, customer_id, cost_amount from marts.fct_customer_costs"
        " where month_end = date '2024-04-30' order by all"
    ).fetchall()
    found = {
        (line, is_free, customer.removeprefix("salesforce:")): cost for line, is_free, customer, cost in rows
    }
    effort = {"001A": 75.0, "001B": 40.0, "001C": 115 / 3.5 * 0.5}
    for account, part in effort.items():
        assert float(found["support", False, account]) == pytest.approx(
            1000 * part / sum(effort.values()), abs=1e-5
        )
    assert abs(found["support", False, "unallocated"]) < Decimal("0.00001")
    # One meeting with A; a training is not the work of the success team.
    assert found["success", False, "001A"] == 500 and found["success", True, "001A"] == 50
    assert found["tooling", False, "unallocated"] == 100
    sums = april.execute(
        "select service_line, is_investment, sum(cost_amount) from marts.fct_customer_costs where month_end = date '2024-04-30'"
        " group by all order by all"
    ).fetchall()
    assert sums == [
        ("success", False, 500),
        ("success", True, 50),
        ("support", False, 1000),
        ("tooling", False, 100),
    ]


def test_who_was_hit_and_whether_we_acted(april: duckdb.DuckDBPyConnection) -> None:
    """May: A (followed on the 30th day), B (followed on the 31st; its bug was none, so it asked how to), C (never)."""
    found = april.execute(
        "select customer_id, is_hit, is_mitigated, defect_case_count from marts.fct_defect_periods"
        " where period_grain = 'month' and period_end = date '2024-05-31' order by 1"
    ).fetchall()
    assert found == [
        ("salesforce:001A", True, True, 1),
        # What nobody classified may have been a defect.
        ("salesforce:001B", None, None, 0),
        ("salesforce:001C", True, False, 1),
        # Of who matches nobody the help desk tells if it knows it.
        ("unmatched:templates:900X", None, None, 0),
        ("unmatched:templates:900Y", True, False, 1),
    ]
    row = value(april, "customers_with_defect_share")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (3, 3, six(3 / 5))
    assert value(april, "defect_impact_mitigation_rate")["value"] == six(1 / 3)
    june = april.execute(
        "select is_hit, is_mitigated from marts.fct_defect_periods where period_grain = 'month' and period_end = date '2024-06-30'"
        " and customer_id = 'salesforce:001C'"
    ).fetchall()
    assert june == [(True, None)]
    # Distinct customers of the quarter, not the sum of months.
    quarter = value(april, "customers_with_defect_share", "quarter", "2024-06-30")
    assert (quarter["numerator"], quarter["denominator"]) == (3, 3)


def test_bugs_that_customers_wait_for(april: duckdb.DuckDBPyConnection) -> None:
    found = april.execute(
        "select defect_key, is_customer_reported, reported_date, fix_days from marts.fct_defects order by 1"
    ).fetchall()
    assert found == [
        ("jira:100", True, date(2024, 4, 1), 20),
        ("jira:200", True, date(2024, 5, 20), None),  # through its copy 201, with the first case
        ("jira:202", True, date(2024, 5, 21), None),  # no bug after all
        ("jira:203", False, None, None),
        ("jira:204", True, date(2024, 5, 10), 40),
        ("jira:207", True, date(2024, 5, 21), None),  # through 206, through 205
        ("jira:208", False, None, None),
        ("jira:210", False, None, None),
    ]
    backlog = [
        value(april, "defect_backlog_count", "month", day)["value"]
        for day in ("2024-04-30", "2024-05-31", "2024-06-30")
    ]
    assert backlog == [0, 3, 1]
    assert value(april, "defect_fix_time", "quarter", "2024-06-30")["value"] == 30
    assert value(april, "defect_fix_time_p90", "quarter", "2024-06-30")["value"] == 38


def test_topics_are_ranked_by_cases_then_customers_then_name(april: duckdb.DuckDBPyConnection) -> None:
    found = april.execute(
        "select topic, case_count, customer_count, topic_rank, topic_case_count, every_case_count from marts.fct_issue_topics"
        " where period_grain = 'month' and period_end = date '2024-04-30' order by topic_rank"
    ).fetchall()
    assert found == [("Import", 2, 2, 1, 4, 5), ("Reports", 2, 2, 2, 4, 5)]
    row = value(april, "top_issue_topics", "month", "2024-04-30", "topic", "Reports")
    assert (row["value"], row["coverage"]) == (six("0.5"), six("0.8"))


def test_values_open_into_their_rows(april: duckdb.DuckDBPyConnection) -> None:
    keys = (
        "defect_handling_cost", "defect_cost_share", "cost_per_case", "customers_with_defect_share", "defect_backlog_count",
        "kb_article_quality_index", "case_volume", "defect_impact_mitigation_rate",
    )  # fmt: skip
    found = april.execute(
        "select metric_key, period_grain, period_end, sum(parts.numerator), sum(parts.denominator), any_value(vals.numerator),"
        " any_value(vals.denominator) from marts.fct_metric_contributions as parts"
        " inner join marts.fct_metric_values as vals using (metric_key, period_grain, period_end, dimension, member)"
        f" where parts.is_included and parts.dimension = 'all' and metric_key in {keys} group by 1, 2, 3"
    ).fetchall()
    assert {key for key, *_ in found} == set(keys)
    for _key, _grain, _end, numerator, denominator, total, whole in found:
        assert (numerator, denominator) == (total, whole)


def add_up(warehouse: duckdb.DuckDBPyConnection, key: str, *dimensions: str) -> None:
    """Every value of these dimensions opens into rows that give its numerator and its denominator."""
    wrong = warehouse.execute(
        """
        with sums as (
            select period_grain, period_end, dimension, member, sum(numerator) filter (is_included) as numerator,
                sum(denominator) filter (is_included) as denominator
            from marts.fct_metric_contributions where metric_key = $key group by all
        ),
        ratios as (
            select * from marts.fct_metric_ratios where metric_key = $key and dimension in (select unnest($dimensions))
        )
        select period_grain, period_end, member, sums.numerator, ratios.numerator, sums.denominator, ratios.denominator
        from ratios full join sums using (period_grain, period_end, dimension, member)
        where coalesce(sums.numerator, 0) is distinct from ratios.numerator
            or coalesce(sums.denominator, 0) is distinct from ratios.denominator
        """,
        {"key": key, "dimensions": list(dimensions)},
    ).fetchall()
    assert wrong == []


def test_topics_open_into_the_cases_of_all_topics(april: duckdb.DuckDBPyConnection) -> None:
    add_up(april, "top_issue_topics", "topic")
    rows = april.execute(
        "select member, count(*), sum(numerator), sum(denominator) from marts.fct_metric_contributions"
        " where (metric_key, period_grain, period_end) = ('top_issue_topics', 'month', date '2024-04-30') group by 1 order by 1"
    ).fetchall()
    assert rows == [("Import", 4, 2, 4), ("Reports", 4, 2, 4)]


# ---- the same over a random desk, counted in Python ------------------------------------------------------------------------


@dataclass
class Case:
    """What the oracle knows of a case."""

    key: str
    account: str
    opened: date
    closed: date | None
    reason: str | None
    replies: int
    minutes: float | None
    release: str
    severity: str
    is_good: bool | None = None
    rated: date | None = None
    cost: float | None = None
    automated: bool = False


@dataclass
class World:
    cases: list[Case] = field(default_factory=list)
    seats: dict[str, int] = field(default_factory=dict)
    rates: dict[date, float] = field(default_factory=dict)
    support: dict[str, float] = field(default_factory=dict)
    warehouse: duckdb.DuckDBPyConnection | None = None


LAST = date(2024, 6, 30)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[World]:
    dice = random.Random(48)
    desk, made = shop(), World()
    for number, account in enumerate(("001A", "001B", "001C", "001D")):
        made.seats[account] = 40 + 30 * number
        desk.seats(account, made.seats[account], "2022-01-01")
    # One that matches nobody, with seats of a product without releases.
    desk.add("templates/products", product_id="side", product_name="Side", product_family="Side")
    desk.add(
        "templates/contract_lines", contract_line_id="L-900X", account_id="900X", start_date="2022-01-01", mrr_amount=10,
        product_id="side", quantity=5, unit_of_measure="seat",
    )  # fmt: skip
    for year in (2022, 2023, 2024):
        made.rates[date(year, 1, 1)] = 40.0 + year - 2022
        desk.rate("support", f"{year}-01-01", 40 + year - 2022)
    for end in month_ends(date(2022, 1, 1), LAST):
        made.support[f"{end:%Y-%m}"] = amount = dice.randrange(1000, 5000)
        desk.cost(f"{end:%Y-%m}-01", "support", amount)
    for _ in range(420):
        opened = date(2022, 1, 5) + timedelta(dice.randrange(900))
        closed = opened + timedelta(dice.randrange(1, 25)) if dice.random() < 0.97 else None
        reason = dice.choices([*WORDS, None], [3, 1, 4, 1, 1, 1, 1])[0]
        automated = reason == "how_to" and closed is not None and dice.random() < 0.2
        replies = 0 if automated else dice.randrange(1, 4) + 2 * (reason == "defect")
        case = Case(
            key="", account=dice.choice(list(made.seats)), opened=opened, closed=closed, reason=reason, replies=replies,
            minutes=dice.randrange(5, 90) if not automated and dice.random() < 0.7 else None,
            release=f"{opened.year}.{opened.month // 7}", severity=dice.choice(("low", "high")), automated=automated,
        )  # fmt: skip
        case.key = "zendesk:" + desk.worked(
            case.account, f"{opened}", f"{closed}" if closed else None, reason, replies, case.minutes, by="-1" if automated else "bob",
            custom_product="core", custom_release=case.release, priority=case.severity,
        )  # fmt: skip
        if closed and closed <= LAST and dice.random() < 0.6:
            case.is_good, case.rated = dice.random() < (0.5 if reason == "defect" else 0.8), closed
            desk.rated(case.key.removeprefix("zendesk:"), f"{closed}", case.is_good)
        if closed and closed > LAST:
            case.closed = None
        made.cases.append(case)
    # One that seldom asks.
    desk.customer("001E", "Any")
    desk.add(
        "templates/contract_lines", contract_line_id="M-001E", account_id="001E", start_date="2022-01-01", mrr_amount=10,
        product_id="side", quantity=5, unit_of_measure="seat",
    )  # fmt: skip
    for opened, reason in (
        (date(2022, 1, 10), "how_to"),
        (date(2023, 3, 10), None),
        (date(2024, 1, 15), "other"),
    ):
        case = Case("", "001E", opened, opened, reason, 1, 10, f"{opened.year}.0", "low")
        case.key = "zendesk:" + desk.worked(
            "001E", f"{opened}", f"{opened}", reason, 1, 10, custom_product="core", custom_release=case.release, priority="low"
        )  # fmt: skip
        made.cases.append(case)
    with build(tmp_path_factory.mktemp("random_defects"), desk, model_cache) as connection:
        made.warehouse = connection
        yield made


def months_apart(first: date, second: date) -> int:
    return 12 * (second.year - first.year) + second.month - first.month


def weights(world: World, end: date) -> dict[str | None, float]:
    window = [
        case
        for case in world.cases
        if case.closed and not case.automated and 0 <= months_apart(case.closed, end) < 12
    ]
    mean = sum(case.replies for case in window) / len(window)
    return {
        reason: round(
            sum(c.replies for c in window if c.reason == reason)
            / sum(c.reason == reason for c in window)
            / mean,
            6,
        )
        for reason in {case.reason for case in window}
    }


def costed(world: World) -> dict[str, list[Case]]:
    """Closed cases by month, with their cost."""
    by_month: dict[str, list[Case]] = defaultdict(list)
    for case in world.cases:
        if case.closed:
            by_month[f"{case.closed:%Y-%m}"].append(case)
    for month, cases in by_month.items():
        by_reason = weights(world, cases[0].closed or LAST)
        unit = world.support[month] / sum(by_reason[case.reason] for case in cases if not case.automated)
        for case in cases:
            rate = world.rates[date(case.closed.year if case.closed else 0, 1, 1)]
            if case.automated:
                case.cost = 0
            elif case.minutes is not None:
                case.cost = case.minutes * rate / 60
            else:
                case.cost = by_reason[case.reason] * unit
    return by_month


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


def test_costs_are_those_of_an_oracle(world: World) -> None:
    assert world.warehouse is not None
    by_month = costed(world)
    found = dict(world.warehouse.execute("select case_key, cost_amount from marts.fct_case_costs").fetchall())
    assert len(found) == sum(map(len, by_month.values())) > 350
    for cases in by_month.values():
        for case in cases:
            assert float(found[case.key]) == pytest.approx(case.cost, abs=2e-5)
    for end in list(month_ends(date(2023, 1, 1), LAST))[::5]:
        cases = [c for c in world.cases if c.closed and 0 <= months_apart(c.closed, end) < 12]
        defects = [c.cost or 0 for c in cases if c.reason == "defect"]
        others = [c.cost or 0 for c in cases if c.reason not in ("defect", None)]
        line = sum(
            world.support[f"{day:%Y-%m}"]
            for day in month_ends(date(2022, 1, 1), end)
            if months_apart(day, end) < 12
        )
        expected = {
            "defect_handling_cost": sum(defects),
            "defect_cost_share_of_support": sum(defects) / line,
            "defect_cost_share": sum(defects) / line,
            "cost_per_case": line / sum(not c.automated for c in cases),
            "defect_cost_ratio": sum(defects) / len(defects) / (sum(others) / len(others)),
        }
        for key, number in expected.items():
            assert float(value(world.warehouse, key, "t12m", f"{end}")["value"]) == pytest.approx(
                number, rel=1e-5
            )


def test_who_asked_and_who_was_hit_are_those_of_an_oracle(world: World) -> None:
    assert world.warehouse is not None
    ends = list(month_ends(date(2022, 1, 1), LAST))
    first = min(case.opened for case in world.cases if case.reason)
    customers = {f"salesforce:{account}": account for account in (*world.seats, "001E")}

    def reasons(account: str, end: date, length: int) -> list[str | None]:
        return [
            c.reason
            for c in world.cases
            if c.account == account and 0 <= months_apart(c.opened, end) < length
        ]

    bands: dict[tuple[str, date], tuple[int | None, str]] = {}
    for end in ends:
        bands["unmatched:templates:900X", end] = (None, "unknown")
        for customer, account in customers.items():
            asked = reasons(account, end, 12)
            count = asked.count("how_to")
            # What nobody classified may have been a question how to do something.
            if months_apart(first, end) < 11 or (count == 0 and None in asked):
                bands[customer, end] = (None, "unknown")
            else:
                bands[customer, end] = (count, "none" if count == 0 else "some" if count <= 2 else "many")
    found = world.warehouse.execute(
        "select customer_id, month_end, howto_case_count, howto_band from marts.fct_contact_months"
    ).fetchall()
    assert {(customer, end): (count, band) for customer, end, count, band in found} == bands
    assert {band for _, band in bands.values()} == {"none", "some", "many", "unknown"}
    for grain, length in (("month", 1), ("t12m", 12)):
        hits: dict[tuple[str, date], bool | None] = {}
        for end in ends[length - 1 :]:
            hits["unmatched:templates:900X", end] = None
            for customer, account in customers.items():
                opened = reasons(account, end, length)
                is_known = None not in opened and months_apart(first, end) >= length - 1
                hits[customer, end] = True if "defect" in opened else False if is_known else None
        rows = world.warehouse.execute(
            "select customer_id, period_end, is_hit from marts.fct_defect_periods where period_grain = ?",
            [grain],
        ).fetchall()
        assert {(customer, end): is_hit for customer, end, is_hit in rows if (customer, end) in hits} == hits
        assert set(hits.values()) == {True, False, None} or grain == "t12m"


def test_rates_and_limits_of_releases_are_those_of_an_oracle(world: World) -> None:
    assert world.warehouse is not None
    hundreds = sum(world.seats.values()) / 100
    lives: dict[str, list[date]] = defaultdict(list)
    for case in world.cases:
        lives[case.release].append(case.opened)
    months = list(month_ends(date(2022, 1, 1), LAST))
    rows: dict[tuple[str, date], int] = {}
    for release, days in lives.items():
        for end in months:
            if months_apart(min(days), end) >= 0 and months_apart(end, max(days)) >= 0:
                rows[release, end] = sum(
                    c.release == release and c.reason == "defect" and months_apart(c.opened, end) == 0
                    for c in world.cases
                )
    found = world.warehouse.execute(
        "select release_name, month_end, defect_case_count, defect_rate, limit_rate, is_above_limit from marts.fct_release_defects"
    ).fetchall()
    assert {(release, end): count for release, end, count, *_ in found} == rows
    first = min(end for _, end in rows)
    seen = set()
    for _release, end, count, rate, limit, is_above in found:
        assert float(rate) == pytest.approx(count / hundreds, abs=2e-6)
        before = [n for (_, day), n in rows.items() if 1 <= months_apart(day, end) <= 12]
        if months_apart(first, end) < 12:
            assert limit is None and is_above is None
        else:
            mean = sum(before) / (len(before) * hundreds)
            assert float(limit) == pytest.approx(mean + 3 * math.sqrt(mean / hundreds), abs=2e-6)
            assert is_above == (rate > limit)
        seen.add(is_above)
    assert {None, False} <= seen
    quarter = value(world.warehouse, "defect_rate_by_product_release", "quarter", "2024-03-31")
    defects = sum(n for (_, day), n in rows.items() if date(2024, 1, 1) <= day <= date(2024, 3, 31))
    assert float(quarter["value"]) == pytest.approx(defects / (3 * hundreds), abs=2e-6)
    member = value(
        world.warehouse, "defect_rate_by_product_release", "quarter", "2024-03-31", "release", "Core 2024.0"
    )
    assert member["numerator"] == defects


def test_the_rate_of_releases_opens_into_releases_and_into_products_and_months(
    world: World, april: duckdb.DuckDBPyConnection
) -> None:
    assert world.warehouse is not None
    for warehouse in (world.warehouse, april):
        add_up(warehouse, "defect_rate_by_product_release", "all", "release")
    # Nobody sold seats of Free: what is about it has no rate.
    rows = april.execute(
        "select dimension, subject_type, subject_id, numerator, denominator, is_included, exclusion_reason"
        " from marts.fct_metric_contributions where (metric_key, period_grain, period_end)"
        " = ('defect_rate_by_product_release', 'month', date '2024-05-31') order by 1, 3"
    ).fetchall()
    assert rows == [
        ("all", "product_month", "Core|2024-05-31", 1, 4, True, None),
        ("all", "product_month", "Free|2024-05-31", 1, None, False, "unknown"),
        ("release", "release", "Core 1.0", 1, 4, True, None),
        ("release", "release", "Free 9", 0, 0, False, "unknown"),
    ]


def test_medians_are_those_of_an_oracle(world: World) -> None:
    assert world.warehouse is not None
    for grain, length in (("month", 1), ("quarter", 3), ("t12m", 12)):
        end = date(2024, 3, 31)
        closed = [
            (c.closed - c.opened).days * 24.0 + 2
            for c in world.cases
            if c.closed and 0 <= months_apart(c.closed, end) < length
        ]
        replied = [1.0 for c in world.cases if not c.automated and 0 <= months_apart(c.opened, end) < length]
        for key, hours in (("time_to_resolution", closed), ("first_response_time", replied)):
            for suffix, share in (("", 0.5), ("_p90", 0.9)):
                row = value(world.warehouse, key + suffix, grain, f"{end}")
                assert float(row["value"]) == pytest.approx(percentile(hours, share), abs=1e-6)
                assert row["n"] == len(hours)


def test_the_effect_on_satisfaction_is_that_of_an_oracle(world: World) -> None:
    assert world.warehouse is not None
    end = date(2024, 3, 31)
    rated = [c for c in world.cases if c.rated and c.closed and 0 <= months_apart(c.rated, end) < 12]
    rated.sort(key=lambda c: ((c.closed or LAST) - c.opened, c.key))
    strata: dict[tuple[str, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    size, rest = divmod(len(rated), 4)
    edges = [size + (quartile < rest) for quartile in range(4)]
    quartiles = [quartile for quartile, count in enumerate(edges) for _ in range(count)]
    for case, quartile in zip(rated, quartiles, strict=True):
        if case.reason:
            strata[case.severity, quartile][case.reason != "defect"].append(int(bool(case.is_good)))
    matched = [(t, c) for t, c in strata.values() if t and c]
    errors = [y - sum(c) / len(c) for t, c in matched for y in t]
    count = len(errors)
    effect = sum(errors) / count
    spread = sum((y - sum(c) / len(c)) ** 2 for _, c in matched for y in c) / sum(
        len(c) - 1 for _, c in matched
    )
    variance = sum((e - effect) ** 2 for e in errors) / (count - 1)
    error = math.sqrt(variance / count + spread * sum((len(t) / count) ** 2 / len(c) for t, c in matched))
    row = value(world.warehouse, "defect_csat_effect", "t12m", f"{end}")
    assert row["n"] == count > 20
    for name, number in (
        ("value", effect),
        ("ci_low", effect - 1.959964 * error),
        ("ci_high", effect + 1.959964 * error),
    ):
        assert float(row[name]) == pytest.approx(number, abs=2e-6)
    assert row["verdict"] == ("supported" if effect + 1.959964 * error < 0 else "not_supported")
