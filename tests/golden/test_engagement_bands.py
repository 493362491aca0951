"""Engagement by band, value and time: known answers, and a random company that plain Python counts again.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from tests.golden.test_engagement import touch
from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six
from tests.harness import metric

T = "2025-05-31"
AS_OF = date(2025, 6, 30)
BANDS = ("engaged", "seldom", "silent", "unknown")
CHANNELS = ("meeting", "phone", "email", "chat", "in_app", "portal", "community", "event", "unknown")


def values(warehouse: Warehouse, key: str, grain: str, end: str, dimension: str = "all") -> dict[str, Any]:
    """Member → value."""
    return dict(
        warehouse.rows(
            "select member, value from marts.fct_metric_values where metric_key = ? and period_grain = ?"
            " and period_end = cast(? as date) and dimension = ?",
            key, grain, end, dimension,
        )
    )  # fmt: skip


# ---- Known answers -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def usual(build: Builder) -> Warehouse:
    """Two segments in which three engagements in 90 days are usual: one of 20 customers, one of 19.

    Of the 240 customer-months of a year 228 have three; the loud one has 23, so the limit is 3 + 0.05 × 20 = 4.
    """
    company = Company()
    names = [
        "loud",
        "four",
        "five reactive",
        "five outbound",
        "six half",
        "five untold",
        *map(str, range(14)),
    ]
    #: Customer → directions of its engagements in May 2025 beyond the usual one, which is inbound.
    more: dict[str, list[str | None]] = {
        "four": ["inbound"],
        "five reactive": ["inbound", "outbound"],
        "five outbound": ["outbound"] * 2,
        "six half": ["outbound"] * 3,
        "five untold": [None, None],
    }
    first = {"five outbound": "outbound", "five untold": None}
    for segment, left_out in (("twenty", ()), ("nineteen", ("13",))):
        for name in names:
            if name in left_out:
                continue
            account = f"{segment} {name}"
            company.customer(account, segment=segment).line(account, "2022-01-01", None, 10)
            for number, end in enumerate(month_ends(date(2023, 1, 1), date(2025, 6, 30))):
                for _ in range((8, 8, 7)[number % 3] if name == "loud" else 1):
                    direction = "outbound" if name == "loud" else first.get(name, "inbound")
                    touch(company, account, f"{end:%Y-%m}-15", direction=direction)
            for direction in more.get(name, ()):
                touch(company, account, "2025-05-20", direction=direction)
    return build(company)


def test_over_engaged_is_beyond_the_95th_percentile_of_the_year_before_and_mostly_reactive(
    usual: Warehouse,
) -> None:
    found = {
        customer.removeprefix("templates:twenty "): (count, limit, over)
        for customer, count, limit, over in usual.rows(
            "select customer_id, engagement_count, usual_engagement_limit, is_over_engaged from marts.fct_engagement_months"
            " where customer_id like 'templates:twenty %' and month_end = date '2025-05-31'"
        )
    }
    assert {name: found[name] for name in ("0", "loud", "four", "five reactive", "five outbound", "six half", "five untold")} == {
        "0": (3, 4, False),
        "loud": (23, 4, False),
        "four": (4, 4, False),  # not more than the limit
        "five reactive": (5, 4, True),
        "five outbound": (5, 4, False),  # three of five are ours
        "six half": (6, 4, False),  # half is not more than half
        "five untold": (5, 4, None),  # nobody said who began them
    }  # fmt: skip
    row = usual.row("over_engaged_customer_share", "month", T, "twenty")
    assert (row["numerator"], row["denominator"], row["coverage"]) == (1, 19, six("0.95"))


def test_a_small_segment_and_a_short_log_have_no_usual(usual: Warehouse) -> None:
    assert usual.row("over_engaged_customer_share", "month", T, "nineteen")["verdict"] == "no_data"
    # The log begins on 15 January 2023, counts of 90 days at the end of April, so the twelfth month-end is March 2024.
    assert usual.one(
        "select min(month_end) from marts.fct_engagement_months where usual_engagement_limit is not null"
    ) == date(2024, 4, 30)


def test_half_the_distance_between_touches_and_revenue(build: Builder) -> None:
    """One customer has half of all revenue, all have as many touches: 1 − ½ × (0.4 + 9 × 0.0444) = 0.6."""
    company = Company()
    for number in range(10):
        company.customer(f"c{number}").line(f"c{number}", "2023-01-01", None, 90 if number == 4 else 10)
        for day in ("2024-01-02", "2025-05-20", "2025-05-21", "2025-06-29"):
            touch(company, f"c{number}", day, "meeting" if number else "chat")
    marts = build(company)
    row = marts.row("engagement_value_alignment", "month", T)
    assert (row["value"], row["n"], row["coverage"]) == (six("0.6"), 10, 1)
    assert marts.rows(
        "select engagement_share, arr_share from marts.fct_engagement_deciles where month_end = date '2025-05-31' and arr_decile = 1"
    ) == [(six("0.1"), six("0.5"))]
    # The largest of ten is the top tenth; it is met in person, the first customer only chats.
    top = marts.row("high_touch_coverage_rate", "month", T)
    assert (top["numerator"], top["denominator"]) == (1, 1)


@pytest.fixture(scope="module")
def starters(build: Builder) -> Warehouse:
    """Days from the first revenue, 1 January 2025, to a go-live; who leaves on 10 February was last seen on 31 January."""
    company = Company()
    company.customer("log").line("log", "2022-01-01", None, 10)
    for day, kind in (("2023-01-02", "go live"), ("2023-01-02", "kick off"), ("2025-06-29", "go live")):
        touch(company, "log", day, kind)
    #: Segment → customers: day of value (None = not yet), whether it leaves first
    cases: dict[str, list[tuple[int | None, bool]]] = {
        # 6/7 × 5/6 = 0.714; two leave; then 2/3 of it = 0.476: half on day 60. With the two still waiting it were 0.571.
        "leavers": [
            (10, False),
            (20, False),
            (None, True),
            (None, True),
            (60, False),
            (None, False),
            (None, False),
        ],
        # 4/5; one leaves; 2/3 of it = 0.533, then half of that: day 90. Without the one that left it were day 60.
        "dropped": [(10, False), (None, True), (60, False), (90, False), (None, False)],
        # Two of five: half is not reached.
        "waiting": [(10, False), (20, False), (None, False), (None, False), (None, False)],
    }
    for segment, members in cases.items():
        for number, (days, leaves) in enumerate(members):
            account = f"{segment} {number}"
            company.customer(account, segment=segment)
            company.line(account, "2025-01-01", "2025-02-10" if leaves else None, 10)
            if days is not None:
                touch(company, account, str(date(2025, 1, 1) + timedelta(days)), "go live")
            if number in (0, 1):
                touch(company, account, "2025-01-31" if number == 0 else "2025-02-01", "kick off")
    # An objective reached is value, too; half of six on day 60: 5/6, 4/6, 3/6.
    objectives: list[tuple[dict[str, Any], dict[int, int]]] = [
        ({"status": "closed won", "closed_date": "2025-01-11"}, {}),  # day 10
        ({"baseline_value": 0, "target_value": 8}, {10: 4, 20: 8, 30: 6}),
        ({"status": "closed lost", "closed_date": "2025-01-11"}, {}),
        ({"status": "closed won", "closed_date": "2025-04-01"}, {}),  # day 90, after its go-live
        (
            {"status": "closed won", "closed_date": "2025-01-31", "baseline_value": 9, "target_value": 1},
            {20: 5},
        ),
        ({"status": "closed won", "closed_date": "2025-01-11"}, {}),  # of a draft
    ]
    for number, (row, measured) in enumerate(objectives):
        account = f"objectives {number}"
        company.customer(account, segment="objectives").line(account, "2025-01-01", None, 10)
        if number in (0, 1):
            touch(company, account, "2025-01-31" if number == 0 else "2025-02-01", "kick off")
        if number == 3:
            touch(company, account, "2025-03-02", "go live")
        company.add(
            "success_plans", plan_id=f"P{number}", account_id=account, start_date="2025-01-01", status="draft" if number == 5 else None,
        )  # fmt: skip
        company.add("success_objectives", objective_id=f"O{number}", plan_id=f"P{number}", **row)
        for days, value in measured.items():
            company.add(
                "objective_measurements", measurement_id=f"M{number}-{days}", objective_id=f"O{number}",
                measured_date=str(date(2025, 1, 1) + timedelta(days)), value=value,
            )  # fmt: skip
    return build(company)


def test_kaplan_meier_by_hand(starters: Warehouse) -> None:
    found = {
        name: starters.row("time_to_first_value", "t12m", T, name)
        for name in ("leavers", "dropped", "waiting", "objectives")
    }
    assert {name: (row["value"], row["n"]) for name, row in found.items()} == {
        "leavers": (60, 7), "dropped": (90, 5), "waiting": (None, 5), "objectives": (60, 6),
    }  # fmt: skip
    # Nine of ten have not got there in any of them.
    assert starters.row("time_to_first_value_p90", "t12m", T, "dropped")["value"] is None


def test_the_first_of_a_milestone_and_an_objective_reached_is_the_first_value(starters: Warehouse) -> None:
    found = starters.rows(
        "select observed_days, value_source from marts.fct_first_value_months"
        " where customer_id like 'templates:objectives %' and month_end = date '2025-05-31' order by customer_id"
    )
    assert found == [
        (10, "objective"), (20, "objective"), (150, None), (60, "milestone"), (150, None), (150, None),
    ]  # fmt: skip


def test_onboarding_counts_within_thirty_days(starters: Warehouse) -> None:
    """The first customer of each kind was onboarded on day 30, the second a day late."""
    members = starters.rows(
        "select right(customer_id, 1), onboarding_engaged from marts.fct_first_value_months where month_end = date '2025-05-31' group by all order by all"
    )
    assert members == [(str(n), "engaged" if n == 0 else "not_engaged") for n in range(7)]
    # At the end of January all have 30 days behind them; at the start of the log's knowledge nothing is past.
    assert values(starters, "time_to_first_value", "t12m", T, "onboarding_engaged")["engaged"] == 10


def test_weeks_belong_to_the_month_of_their_sunday_across_a_new_year(build: Builder) -> None:
    company = Company()
    for account in ("a", "b"):
        company.customer(account).line(account, "2023-01-01", None, 10)
    for account, day in (
        ("a", "2024-12-02"), ("a", "2024-12-30"), ("a", "2025-01-05"), ("b", "2025-01-05"), ("b", "2025-01-06"), ("a", "2025-06-29"),
    ):  # fmt: skip
        touch(company, account, day)
    marts = build(company)
    # Sundays: 8, 15, 22, 29 December (the week to the 1st is not known to its beginning); 5, 12, 19, 26 January.
    weeks = {
        end: marts.row("interacting_customers_weekly", "month", end) for end in ("2024-12-31", "2025-01-31")
    }
    assert {end: (row["numerator"], row["denominator"], row["coverage"]) for end, row in weeks.items()} == {
        "2024-12-31": (1, 4, six("0.8")), "2025-01-31": (3, 4, 1),
    }  # fmt: skip
    days = {end: marts.row("interacting_customers_daily", "month", end) for end in weeks}
    assert {end: (row["numerator"], row["denominator"]) for end, row in days.items()} == {
        "2024-12-31": (2, 30), "2025-01-31": (3, 31),
    }  # fmt: skip
    # Both are distinct customers of the longer period; nobody is counted twice.
    assert marts.value("interacting_customers", "month", "2025-01-31") == 2
    assert marts.value("interacting_customers", "month", "2024-12-31") == 1
    assert marts.value("interacting_customers", "t12m", T) == 2


@pytest.fixture(scope="module")
def fifty(build: Builder) -> Warehouse:
    """Two segments of 25 customers, each with a health of its own; how often they meet us: shuffled in May, in the order of their
    health in January, against it in October."""
    dice = random.Random(50)
    company = Company().add("products", product_id="plan", product_family="Plan", offer_type="product")
    company.customer("log").line("log", "2022-01-01", None, 10)
    for day in ("2024-01-02", "2025-06-29"):
        touch(company, "log", day)
    # Surveys, too, are told to the end.
    company.add(
        "survey_responses",
        answer_id="last",
        account_id="log",
        question_kind="nps",
        score=9,
        answered_date="2025-06-29",
    )
    for segment in ("x", "y"):
        # Ranks correlate at 1 − 6 × Σd² ÷ (n³ − n): at 0.4 where Σd² is 1,560.
        shuffled = list(range(25))
        while (distance := sum((rank - place) ** 2 for place, rank in enumerate(shuffled))) != 1560:
            one, two = dice.sample(range(25), 2)
            swapped = [*shuffled]
            swapped[one], swapped[two] = shuffled[two], shuffled[one]
            moved = sum((rank - place) ** 2 for place, rank in enumerate(swapped))
            if abs(moved - 1560) <= abs(distance - 1560) or dice.random() < 0.05:
                shuffled = swapped
        for place, rank in enumerate(shuffled):
            account = f"{segment}{place:02}"
            company.customer(account, segment=segment)
            company.line(account, "2023-01-01", None, 10, product="plan", quantity=10, unit_of_measure="seat")
            for kind, score in (("adoption_share", 2 * place + 2), ("perception", 5)):
                company.add(
                    "survey_responses", answer_id=f"{kind}{account}", account_id=account, question_kind=kind, score=score,
                    answered_date="2024-09-10",
                )  # fmt: skip
            for day, count in (("2025-05-20", rank), ("2025-01-10", place), ("2024-10-10", 24 - place)):
                for _ in range(count):
                    touch(company, account, day)
    return build(company)


def test_correlation_of_04_over_fifty_customers_and_its_interval(fifty: Warehouse) -> None:
    row = fifty.row("corr_health_frequency", "t12m", T)
    assert (row["value"], row["n"], row["ci_low"], row["ci_high"], row["verdict"]) == (
        six("0.4"), 50, six("0.125872"), six("0.617377"), "supported",
    )  # fmt: skip
    # The customer that keeps the log going has no score.
    assert row["coverage"] == six(50 / 51)


def test_perfect_order_is_one_and_the_reverse_supports_nothing(fifty: Warehouse) -> None:
    for end, value, verdict in (("2025-01-31", 1, "supported"), ("2024-10-31", -1, "not_supported")):
        row = fifty.row("corr_health_frequency", "t12m", end)
        assert (row["value"], row["ci_low"], row["ci_high"], row["verdict"]) == (value, value, value, verdict)


def test_too_few_and_what_does_not_vary_show_no_number(fifty: Warehouse) -> None:
    few = fifty.row("corr_health_frequency", "t12m", T, "x")
    same = fifty.row("corr_health_frequency_lagged", "t12m", T)  # no score changed in May
    assert (few["n"], same["n"]) == (25, 50)
    for row in (few, same):
        assert (row["value"], row["ci_low"], row["ci_high"], row["verdict"]) == (
            None,
            None,
            None,
            "insufficient_evidence",
        )


# ---- A random company, counted again in Python ---------------------------------------------------------------------------

#: Word of the template → model, channel, whether both sides take part; None = nobody knows
KINDS: dict[str, tuple[str, str, bool]] = {
    "meeting": ("high_touch", "meeting", True),
    "call": ("high_touch", "phone", True),
    "email": ("high_touch", "email", False),
    "newsletter": ("digital", "email", False),
    "chat": ("digital", "chat", True),
    "user group": ("community", "event", True),
    "portal": ("self_help", "portal", False),
    "tea": ("unknown", "unknown", False),
    "kick off": ("high_touch", "meeting", True),
    "go live": ("none", "unknown", False),
    "note": ("none", "unknown", False),
}
WORDS = {"defect": "Bug", "how_to": "How to", "usability_performance": "Performance", None: ""}
CASE_CHANNELS = {"web": "portal", "voice": "phone", "email": "email", "carrier pigeon": "unknown"}
LOG_FIRST, LOG_LAST = date(2023, 6, 5), date(2025, 6, 29)


@dataclass(frozen=True)
class Interaction:
    """What passed between a customer and us."""

    customer: str
    day: date
    mode: str
    channel: str
    direction: str | None
    both: bool
    tone: str | None = None
    is_case: bool = False

    @property
    def is_contact(self) -> bool:
        """Begun by the customer, or both took part."""
        return self.both or self.direction == "inbound"


@dataclass
class Firm:
    """A company drawn at random: its exports, and what it knows of itself."""

    exports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=dict)
    interactions: list[Interaction] = field(default_factory=list)
    #: customer, opened, closed (None = open), reason
    cases: list[tuple[str, date, date | None, str | None]] = field(default_factory=list)
    opinions: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    kicked_off: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    went_live: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))

    def add(self, export: str, **row: Any) -> None:
        self.exports.setdefault(export, []).append(row)

    def customer(
        self, account: str, segment: str, start: date, end: date | None, mrr: int, seats: int | None
    ) -> None:
        self.segments[f"salesforce:{account}"] = segment
        self.add("salesforce/account", id=account, name=account, segment_c=segment, created_date="2023-01-01")
        self.add("zendesk/organization", id=f"org-{account}", external_id=account, created_at="2023-01-01")
        self.add(
            "templates/contract_lines", contract_line_id=f"L-{account}", account_id=account, start_date=start, end_date=end, mrr_amount=mrr,
            product_id="core", quantity=seats, unit_of_measure="seat" if seats else None,
        )  # fmt: skip

    def touch(
        self,
        account: str,
        day: date,
        kind: str,
        direction: str | None = None,
        reply: bool | None = None,
        tone: str | None = None,
    ) -> None:
        number = len(self.exports.get("templates/engagements", ()))
        self.add(
            "templates/engagements", engagement_id=f"E{number:05}", account_id=account, engagement_type=kind,
            started_at=f"{day} {number % 24:02}:00", direction=direction, has_reply=None if reply is None else str(reply).lower(),
            sentiment=tone,
        )  # fmt: skip
        customer, (mode, channel, both) = f"salesforce:{account}", KINDS[kind]
        if kind == "kick off":
            self.kicked_off[customer].append(day)
        if kind == "go live":
            self.went_live[customer].append(day)
        if mode == "none":
            return
        both = both if reply is None else reply
        by_kind = {"portal": "inbound", "newsletter": None if both else "outbound"}
        self.interactions.append(
            Interaction(customer, day, mode, channel, direction or by_kind.get(kind), both, tone)
        )

    def case(
        self,
        account: str,
        opened: date,
        closed: date | None,
        reason: str | None,
        way: str,
        reply: bool,
        good: bool | None,
    ) -> None:
        case = f"{len(self.cases) + 1}"
        self.add(
            "zendesk/ticket", id=case, created_at=f"{opened} 10:00:00", status="solved" if closed else "open", requester_id="ann",
            organization_id=f"org-{account}", custom_contact_reason=WORDS[reason], via_channel=way,
        )  # fmt: skip
        comments = [("ann", opened), *([("bob", opened)] if reply else [])]
        for who, day in comments:
            self.add(
                "zendesk/ticket_comment", id=f"{who}{case}", ticket_id=case, user_id=who, public="true",
                created=f"{day} {10 + (who == 'bob')}:00:00",
            )  # fmt: skip
        if closed:
            self.add(
                "zendesk/ticket_field_history", ticket_id=case, field_name="status", updated=f"{closed} 12:00:00", value="solved", user_id="bob",
            )  # fmt: skip
        customer = f"salesforce:{account}"
        if good is not None and closed:
            self.add(
                "zendesk/satisfaction_rating", id=f"r{case}", ticket_id=case, score="good" if good else "bad", created_at=f"{closed} 13:00:00",
                updated_at=f"{closed} 13:00:00",
            )  # fmt: skip
            self.opinions[customer].append(closed)
        tone = {True: "positive", False: "negative", None: None}[good if closed else None]
        self.cases.append((customer, opened, closed, reason))
        self.interactions.append(
            Interaction(
                customer, opened, "high_touch", CASE_CHANNELS[way], "inbound", reply, tone, is_case=True
            )
        )


def draw(seed: int) -> Firm:
    """The same seed draws the same company."""
    dice = random.Random(seed)
    firm = Firm()
    firm.add("zendesk/user", id="ann", role="end-user")
    firm.add("zendesk/user", id="bob", role="agent")
    firm.add("templates/products", product_id="core", product_family="Core", offer_type="product")

    def some_day(first: date, last: date) -> date:
        return first + timedelta(dice.randrange((last - first).days + 1))

    firm.customer("log", "Log", date(2023, 1, 1), None, 5, None)
    firm.touch("log", LOG_FIRST, "go live")
    firm.touch("log", LOG_FIRST, "kick off")
    firm.touch("log", LOG_LAST, "meeting")
    for number in range(64):
        account = f"a{number:02}"
        start = some_day(date(2022, 3, 1), date(2025, 4, 30))
        end = some_day(start + timedelta(20), date(2026, 6, 30)) if dice.random() < 0.5 else None
        seats = 4 if number % 3 == 0 else None
        firm.customer(
            account, ("Large", "Large", "Small")[number % 3], start, end, dice.randrange(1, 90), seats
        )
        for _ in range(dice.choice((0, 2, 10, 60))):
            kind = dice.choice([kind for kind in KINDS if kind != "go live"])
            reply = dice.choice((None, True, False)) if kind in ("call", "email", "newsletter") else None
            firm.touch(
                account, some_day(LOG_FIRST, LOG_LAST), kind, dice.choice((None, "inbound", "outbound")), reply,
                dice.choice((None, "positive", "negative", "neutral")),
            )  # fmt: skip
        if dice.random() < 0.6:
            firm.touch(
                account, max(LOG_FIRST, min(LOG_LAST, start + timedelta(dice.randrange(-5, 200)))), "go live"
            )
        for _ in range(dice.choice((0, 1, 6, 40 if number % 4 else 90))):
            opened = some_day(LOG_FIRST, LOG_LAST)
            closed = opened + timedelta(dice.randrange(1, 40)) if dice.random() < 0.9 else None
            if closed and closed > AS_OF:
                closed = None
            firm.case(
                account, opened, closed, dice.choice(list(WORDS)), dice.choice(list(CASE_CHANNELS)), dice.random() < 0.8,
                dice.choice((None, True, False)),
            )  # fmt: skip
        for visit in range(dice.choice((0, 0, 5))):
            day = some_day(LOG_FIRST, LOG_LAST)
            firm.add(
                "templates/self_service_sessions",
                session_id=f"S{account}{visit}",
                account_id=account,
                started_at=f"{day}",
            )
            firm.interactions.append(
                Interaction(f"salesforce:{account}", day, "self_help", "portal", "inbound", False)
            )
        for answer in range(dice.choice((0, 0, 1, 3))):
            kind, day = dice.choice(("nps", "csat", "perception", "barrier")), some_day(LOG_FIRST, LOG_LAST)
            firm.add(
                "templates/survey_responses", answer_id=f"W{account}{answer}", account_id=account, question_kind=kind,
                score=None if kind == "barrier" else 3, answer="other" if kind == "barrier" else None, answered_date=day,
            )  # fmt: skip
            if kind != "barrier":
                firm.opinions[f"salesforce:{account}"].append(day)
        for event in range(dice.choice((0, 0, 30, 60)) if seats else 0):
            firm.add(
                "templates/product_events", event_id=f"V{account}{event}", account_id=account, user_id=f"{account}-{dice.randrange(4)}",
                product_id="core", occurred_at=some_day(max(start, LOG_FIRST), LOG_LAST) if start < LOG_LAST else LOG_LAST,
            )  # fmt: skip
        for answer in range(dice.choice((0, 2, 4)) if seats else 0):
            firm.add(
                "templates/survey_responses", answer_id=f"P{account}{answer}", account_id=account, question_kind="perception",
                score=dice.randrange(1, 6), answered_date=(asked := some_day(LOG_FIRST, LOG_LAST)),
            )  # fmt: skip
            firm.opinions[f"salesforce:{account}"].append(asked)
        if dice.random() < 0.7:
            for invoice, month in enumerate(month_ends(date(2023, 1, 1), AS_OF)):
                if start <= month and (end is None or month < end):
                    firm.add(
                        "templates/invoice_lines", invoice_line_id=f"I{account}{invoice}", account_id=account, invoice_date=month,
                        amount=dice.randrange(50, 500), charge_type="recurring", product_id="core",
                    )  # fmt: skip
    for cost, month in enumerate(month_ends(date(2023, 1, 1), AS_OF)):
        # In one month nobody says what services cost.
        for line, amount in (("support", 900), ("success", 400), ("tooling", 100)):
            if f"{month:%Y-%m}" != "2024-02":
                firm.add(
                    "templates/service_costs", cost_id=f"K{cost}{line}", period_month=f"{month:%Y-%m}-01", service_line=line, amount=amount
                )  # fmt: skip
    return firm


@pytest.fixture(scope="module")
def firm() -> Firm:
    return draw(17)


def made(build: Builder, firm: Firm) -> Warehouse:
    return build(firm.exports, systems=("salesforce", "templates", "zendesk"), correlation_min_n=6)


@pytest.fixture(scope="module")
def marts(build: Builder, firm: Firm) -> Warehouse:
    return made(build, firm)


def percentile(numbers: Iterable[int], share: Fraction) -> Fraction:
    """Between its neighbours, as percentile_cont does it."""
    ordered = sorted(numbers)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


@dataclass
class State:
    """One active customer at one month-end, by the definitions alone."""

    customer: str
    end: date
    segment: str
    tenure: int
    arr: Decimal
    counts: dict[str, int] = field(default_factory=dict)
    is_measured: bool = False
    is_over: bool | None = None
    decile: int | None = None
    band: str = "unknown"
    contact_band: str = "unknown"
    is_visible: bool = False


@pytest.fixture(scope="module")
def states(firm: Firm, marts: Warehouse) -> dict[tuple[str, date], State]:
    """Who was active, for how long and at what revenue is told by the marts of retention; the rest is counted here."""
    found = {
        (customer, end): State(customer, end, firm.segments[customer], tenure, arr)
        for customer, end, tenure, arr in marts.rows(
            "select customer_id, month_end, tenure_months, arr_amount from marts.fct_customer_months where is_active"
        )
    }
    known_use = set(
        marts.rows("select customer_id, month_end from marts.fct_adoption_months where is_using is not null or adoption_rate is not null")
    )  # fmt: skip
    by_customer: dict[str, list[Interaction]] = defaultdict(list)
    for interaction in firm.interactions:
        by_customer[interaction.customer].append(interaction)
    for (customer, end), state in found.items():
        recent = [item for item in by_customer[customer] if timedelta(0) <= end - item.day < timedelta(90)]
        both = [item for item in recent if item.both]
        state.is_measured = (end - LOG_FIRST).days >= 89
        state.counts = {
            "engagement": len(both),
            "reactive": sum(item.direction == "inbound" for item in both),
            "undirected": sum(item.direction is None for item in both),
            "rated": sum(item.tone is not None for item in both),
            "positive": sum(item.tone == "positive" for item in both),
            "high_touch": sum(item.mode == "high_touch" and not item.is_case for item in both),
            "contact": sum(item.direction == "inbound" and item.mode != "self_help" for item in recent),
        }
        spoke = any(
            item.both and timedelta(0) <= end - item.day < timedelta(180) for item in by_customer[customer]
        )
        if state.is_measured:
            contacts = state.counts["contact"]
            state.contact_band = "often" if contacts >= 3 else "sometimes" if contacts else "never"
            if both:
                state.band = "engaged"
            elif state.tenure < 6:
                state.band = "seldom"
            elif (end - LOG_FIRST).days >= 179:
                state.band = "seldom" if spoke else "silent"
        year_before = end.replace(year=end.year - 1, day=28 if end.month == 2 else end.day)
        if end.month == 2 and year_before.year % 4 == 0:
            year_before = year_before.replace(day=29)
        state.is_visible = (customer, end) in known_use and any(
            year_before < day <= end for day in firm.opinions[customer]
        )
    _judge(found)
    return found


def _judge(states: dict[tuple[str, date], State]) -> None:
    """Tenths by revenue, and who is engaged beyond the usual."""
    ends = sorted({end for _, end in states})
    by_month: dict[date, list[State]] = defaultdict(list)
    for state in states.values():
        by_month[state.end].append(state)
    for number, end in enumerate(ends):
        paying = sorted((s for s in by_month[end] if s.arr > 0), key=lambda s: (-s.arr, s.customer))
        size, rest = divmod(len(paying), 10)
        tenths = [tenth for tenth in range(1, 11) for _ in range(size + (tenth <= rest))]
        for state, tenth in zip(paying, tenths, strict=True):
            state.decile = tenth
        for segment in {s.segment for s in by_month[end]}:
            peers = [
                [s.counts["engagement"] for s in by_month[before] if s.is_measured and s.segment == segment]
                for before in ends[max(0, number - 12) : number]
            ]
            now = [s for s in by_month[end] if s.is_measured and s.segment == segment]
            if len(peers) < 12 or not all(peers) or len(now) < 20:
                continue
            limit = percentile([count for month in peers for count in month], Fraction(95, 100))
            for state in now:
                count, reactive, undirected = (
                    state.counts[name] for name in ("engagement", "reactive", "undirected")
                )
                if count <= limit:
                    state.is_over = False
                elif 2 * reactive > count:
                    state.is_over = True
                elif 2 * (reactive + undirected) <= count:
                    state.is_over = False


def test_every_customer_and_month_end_is_counted_the_same(
    marts: Warehouse, states: dict[tuple[str, date], State]
) -> None:
    names = ("engagement", "reactive", "rated", "positive", "high_touch", "contact")
    found = {
        (row[0], row[1]): row[2:]
        for row in marts.rows(
            f"select customer_id, month_end, {', '.join(f'{name}_count' for name in names)}, engagement_band, contact_band,"
            " is_over_engaged, arr_decile, is_use_known and is_satisfaction_known from marts.fct_engagement_months"
        )
    }
    assert found == {
        key: (
            *(state.counts[name] if state.is_measured else None for name in names),
            state.band, state.contact_band, state.is_over, state.decile, state.is_visible,
        )
        for key, state in states.items()
    }  # fmt: skip
    assert {state.is_over for state in states.values()} == {True, False, None}
    assert {state.band for state in states.values()} == set(BANDS)
    assert {state.is_visible for state in states.values()} == {True, False}


Sums = dict[tuple[str, str, date, str, str], tuple[Any, Any]]


def _add(
    sums: Sums,
    key: str,
    grain: str,
    end: date,
    dimension: str,
    member: str,
    numerator: Any,
    denominator: Any = 1,
) -> None:
    before = sums.get((key, grain, end, dimension, member), (0, 0))
    sums[key, grain, end, dimension, member] = (before[0] + numerator, before[1] + denominator)


def _found(marts: Warehouse, keys: Iterable[str], dimensions: Iterable[str]) -> Sums:
    return {
        (key, grain, end, dimension, member): (numerator, denominator)
        for key, grain, end, dimension, member, numerator, denominator in marts.rows(
            "select metric_key, period_grain, period_end, dimension, member, numerator, coalesce(denominator, 0)"
            " from marts.fct_metric_values where list_contains(?, metric_key) and list_contains(?, dimension)"
            " and (denominator <> 0 or denominator is null)",
            list(keys), list(dimensions),
        )
        if numerator is not None
    }  # fmt: skip


def test_shares_at_month_ends(marts: Warehouse, states: dict[tuple[str, date], State]) -> None:
    expected: Sums = {}
    for state in states.values():
        for dimension, member in (("all", "all"), ("segment", state.segment)):
            if state.is_over is not None:
                _add(
                    expected,
                    "over_engaged_customer_share",
                    "month",
                    state.end,
                    dimension,
                    member,
                    state.is_over,
                )
            if state.decile == 1 and state.is_measured:
                _add(
                    expected,
                    "high_touch_coverage_rate",
                    "month",
                    state.end,
                    dimension,
                    member,
                    state.counts["high_touch"] > 0,
                )
        _add(
            expected,
            "visibility_by_engagement_band",
            "month",
            state.end,
            "engagement_band",
            state.band,
            state.is_visible,
        )
    keys = {key for key, *_ in expected}
    found = _found(marts, keys, ("segment", "engagement_band", "all"))
    assert {key: row for key, row in found.items() if key[1] == "month"} == expected
    assert len(keys) == 3


def test_value_alignment_over_tenths(marts: Warehouse, states: dict[tuple[str, date], State]) -> None:
    checked = 0
    for end in sorted({end for _, end in states}):
        paying = [s for s in states.values() if s.end == end and s.decile and s.is_measured]
        touches = sum(s.counts["engagement"] for s in paying)
        row = metric(marts.connection, "engagement_value_alignment", "month", str(end))
        if not paying or not touches:
            assert row is None or row["value"] is None
            continue
        arr = sum(s.arr for s in paying)
        distance = Fraction(0)
        for tenth in range(1, 11):
            inside = [s for s in paying if s.decile == tenth]
            distance += abs(
                Fraction(sum(s.counts["engagement"] for s in inside), touches)
                - Fraction(sum(s.arr for s in inside)) / Fraction(arr)
            )
        assert row is not None and row["n"] == len(paying)
        assert float(row["value"]) == pytest.approx(float(1 - distance / 2), abs=1e-6)
        checked += 1
    assert checked > 15


def _periods(marts: Warehouse) -> list[tuple[str, date, date]]:
    """Grain, last day, last day before it, of all periods with a known opening."""
    return marts.rows(
        "select period_grain, period_end, opening_date from marts.dim_periods where is_opening_known"
    )


def test_retention_by_the_band_at_the_opening(
    marts: Warehouse, states: dict[tuple[str, date], State]
) -> None:
    expected: Sums = {}
    for grain, end, opening in _periods(marts):
        for state in (s for s in states.values() if s.end == opening):
            stays = (state.customer, end) in states
            _add(expected, "retention_by_engagement_band", grain, end, "engagement_band", state.band, stays)
    found = _found(marts, ["retention_by_engagement_band"], ["engagement_band"])
    assert found == expected
    # The total is the gap between the engaged and the silent.
    shares = values(marts, "retention_by_engagement_band", "t12m", T, "engagement_band")
    assert marts.value("retention_by_engagement_band", "t12m", T) == pytest.approx(
        shares["engaged"] - shares["silent"], abs=Decimal("1e-6")
    )


def test_usability_issues_by_how_often_customers_contacted_us_before(
    marts: Warehouse, firm: Firm, states: dict[tuple[str, date], State]
) -> None:
    expected: Sums = {}
    bands = set()
    for grain, end, opening in _periods(marts):
        for customer, opened, closed, reason in firm.cases:
            if closed is None or reason is None or not opening < closed <= end:
                continue
            before = opened.replace(day=1) - timedelta(1)
            state = states.get((customer, before))
            band = state.contact_band if state else "unknown"
            bands.add(band)
            _add(
                expected, "usability_issue_share_by_engagement_band", grain, end, "engagement_band", band, reason == "usability_performance"
            )  # fmt: skip
    assert _found(marts, ["usability_issue_share_by_engagement_band"], ["engagement_band"]) == expected
    assert bands == {"often", "sometimes", "never", "unknown"}


def test_interacting_customers_are_distinct_at_every_grain(marts: Warehouse, firm: Firm) -> None:
    expected: Sums = {}
    for grain, end, opening in _periods(marts):
        inside = [item for item in firm.interactions if opening < item.day <= end]
        contacts = [item for item in inside if item.is_contact]
        interacting = {item.customer for item in contacts}
        untold = {
            item.customer for item in inside if not item.both and item.direction is None
        } - interacting  # who may have written to us
        if {item.customer for item in inside} - untold:
            _add(expected, "interacting_customers", grain, end, "all", "all", len(interacting), 0)
            for channel in CHANNELS:
                through = {item.customer for item in contacts if item.channel == channel}
                _add(
                    expected,
                    "interacting_customers",
                    grain,
                    end,
                    "interaction_channel",
                    channel,
                    len(through),
                    0,
                )
        for key, unit in (("daily", timedelta(1)), ("weekly", timedelta(7))):
            ends = [opening + timedelta(n + 1) for n in range((end - opening).days)]
            ends = [
                day
                for day in ends
                if (key == "daily" or day.isoweekday() == 7)
                and day > FIRST_CONTACT - timedelta(1) + unit - timedelta(1)
            ]
            for channel in ("all", *CHANNELS):
                dimension = "all" if channel == "all" else "interaction_channel"
                for day in ends:
                    seen = {
                        i.customer
                        for i in contacts_of(firm, day - unit, day)
                        if channel in ("all", i.channel)
                    }
                    _add(expected, f"interacting_customers_{key}", grain, end, dimension, channel, len(seen))
    found = _found(
        marts,
        ["interacting_customers", "interacting_customers_daily", "interacting_customers_weekly"],
        ["all", "interaction_channel"],
    )
    assert {key: row for key, row in found.items() if key[2] > LOG_FIRST} == {
        key: row for key, row in expected.items() if key[2] > LOG_FIRST
    }


#: The first interaction of all (the log's own first day is a milestone and a kick-off).
FIRST_CONTACT = LOG_FIRST


def contacts_of(firm: Firm, after: date, until: date) -> list[Interaction]:
    return [item for item in firm.interactions if item.is_contact and after < item.day <= until]


def test_days_between_engagements(marts: Warehouse, firm: Firm) -> None:
    days: dict[str, set[date]] = defaultdict(set)
    for item in firm.interactions:
        if item.both:
            days[item.customer].add(item.day)
    checked = 0
    for grain, end, opening in _periods(marts):
        if grain != "t12m":
            continue
        gaps = [
            (later - earlier).days
            for found in days.values()
            for earlier, later in pairwise(sorted(found))
            if opening < earlier and later <= end
        ]
        for key, share in (
            ("median_days_between", Fraction(1, 2)),
            ("median_days_between_p90", Fraction(9, 10)),
        ):
            row = metric(marts.connection, key, "month", str(end))
            if opening + timedelta(1) < LOG_FIRST:
                assert row is None
            else:
                assert row is not None
                assert (row["value"], row["n"]) == (six(float(percentile(gaps, share))), len(gaps))
                checked += 1
    assert checked > 20


def waiting(days: list[tuple[int, bool]], limit: float) -> int | None:
    """First day by which the share that still waits has fallen to the limit, by Kaplan-Meier."""
    share = 1.0
    for day in sorted({day for day, _ in days}):
        at_risk = sum(1 for other, _ in days if other >= day)
        share *= 1 - sum(1 for other, reached in days if other == day and reached) / at_risk
        if round(share, 6) <= limit:
            return day
    return None


def test_time_to_first_value(marts: Warehouse, firm: Firm, states: dict[tuple[str, date], State]) -> None:
    starts = dict(
        marts.rows("select distinct customer_id, first_revenue_date from marts.fct_customer_months")
    )
    adoption: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for customer, end, rate in marts.rows(
        "select customer_id, month_end, adoption_rate from marts.fct_adoption_months where adoption_rate is not null order by 2"
    ):
        adoption[customer].append((end, rate))
    seen: set[tuple[str, bool]] = set()
    checked = 0
    for grain, end, opening in _periods(marts):
        if grain != "t12m":
            continue
        groups: dict[tuple[str, str], list[tuple[int, bool]]] = defaultdict(list)
        for customer, start in starts.items():
            if not opening < start <= end:
                continue
            measured = [(day, rate) for day, rate in adoption[customer] if day <= end]
            if start < LOG_FIRST and not measured:
                continue
            moments = [day for day in firm.went_live[customer] if day <= end]
            moments += [day for day, rate in measured if rate >= Decimal("0.5")]
            if moments:
                days = max((min(moments) - start).days, 0)
            else:
                there = [day for name, day in states if name == customer and day <= end]
                days = max((max(there, default=start) - start).days, 0)
            month_one = start + timedelta(30)
            if any(day <= min(month_one, end) for day in firm.kicked_off[customer]):
                member = "engaged"
            elif end >= month_one and start >= LOG_FIRST:
                member = "not_engaged"
            else:
                member = "unknown"
            seen.add((member, bool(moments)))
            for group in (
                ("all", "all"),
                ("onboarding_engaged", member),
                ("segment", firm.segments[customer]),
            ):
                groups[group].append((days, bool(moments)))
        for (dimension, member), durations in groups.items():
            for key, limit in (("time_to_first_value", 0.5), ("time_to_first_value_p90", 0.1)):
                row = metric(marts.connection, key, "t12m", str(end), dimension, member)
                assert row is not None, (key, end, dimension, member)
                assert (row["value"], row["n"]) == (waiting(durations, limit), len(durations)), (
                    key,
                    end,
                    dimension,
                    member,
                )
                checked += row["value"] is not None
    assert checked > 60
    assert len(seen) == 6


def middle_ranks(numbers: list[Any]) -> list[Fraction]:
    """Rank of each, from 1; equals share the middle of their ranks."""
    return [Fraction(2 * sum(a < b for a in numbers) + sum(a == b for a in numbers) + 1, 2) for b in numbers]


def test_correlations_of_health_and_engagement(
    marts: Warehouse, states: dict[tuple[str, date], State]
) -> None:
    scores = {
        (customer, end): score
        for customer, end, score in marts.rows(
            "select customer_id, month_end, score_without_engagement from marts.fct_health_months"
        )
    }

    def share(state: State) -> Fraction | None:
        rated = state.counts["rated"]
        return Fraction(state.counts["positive"], rated) if state.is_measured and rated else None

    def count(state: State) -> int | None:
        return state.counts["engagement"] if state.is_measured else None

    verdicts: Counter[str] = Counter()
    for grain, end, _ in _periods(marts):
        if grain == "month":
            continue
        before = end.replace(day=1) - timedelta(1)
        for key, figure, is_lagged in (
            ("corr_health_frequency", count, False), ("corr_health_quality", share, False),
            ("corr_health_frequency_lagged", count, True), ("corr_health_quality_lagged", share, True),
        ):  # fmt: skip
            groups: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
            eligible = 0
            for (customer, day), state in states.items():
                if day != end:
                    continue
                eligible += 1
                health: Any = scores[customer, end]
                told = state
                if is_lagged:
                    earlier = scores.get((customer, before))
                    health = health - earlier if health is not None and earlier is not None else None
                    found = states.get((customer, before))
                    if found is None:
                        continue
                    told = found
                if health is not None and figure(told) is not None:
                    groups[state.segment].append((health, figure(told)))
            pairs: list[tuple[float, float]] = []
            for group in groups.values():
                sides = [middle_ranks(list(side)) for side in zip(*group, strict=True)]
                pairs += [
                    (float(a / (len(group) + 1)), float(b / (len(group) + 1)))
                    for a, b in zip(*sides, strict=True)
                ]
            row = metric(marts.connection, key, grain, str(end))
            if not eligible:
                assert row is None
                continue
            assert row is not None and row["n"] == len(pairs), (key, grain, end)
            assert float(row["coverage"]) == pytest.approx(len(pairs) / eligible, abs=1e-6)
            varies = all(len(set(side)) > 1 for side in zip(*pairs, strict=True)) if pairs else False
            verdicts[row["verdict"]] += 1
            if len(pairs) < 6 or not varies:
                assert row["value"] is None
                continue
            value = statistics.correlation([a for a, _ in pairs], [b for _, b in pairs])
            middle, half = math.atanh(value), 1.959964 * math.sqrt((1 + value**2 / 2) / (len(pairs) - 3))
            assert float(row["value"]) == pytest.approx(value, abs=1e-6)
            low, high = math.tanh(middle - half), math.tanh(middle + half)
            assert (float(row["ci_low"]), float(row["ci_high"])) == pytest.approx((low, high), abs=1e-6)
            if not row["is_provisional"]:
                assert row["verdict"] == ("supported" if low > 0 else "not_supported")
    assert {"supported", "not_supported", "insufficient_evidence"} <= set(verdicts)


def test_health_beside_the_number_of_engagements(
    marts: Warehouse, states: dict[tuple[str, date], State]
) -> None:
    scores = {
        (customer, end): score
        for customer, end, score in marts.rows(
            "select customer_id, month_end, score_without_engagement from marts.fct_health_months"
        )
    }
    expected: dict[tuple[date, str, str], list[Decimal | None]] = defaultdict(list)
    for (customer, end), state in states.items():
        count = state.counts["engagement"]
        band = "none" if not count else "1–2" if count <= 2 else "3–5" if count <= 5 else "6 or more"
        for segment in ("all", state.segment):
            expected[end, segment, band if state.is_measured else "unknown"].append(scores[customer, end])
    found = {
        tuple(row[:3]): row[3:]
        for row in marts.rows(
            "select month_end, segment, engagement_count_band, customer_count, scored_customer_count, mean_score from marts.fct_health_by_engagement"
        )
    }
    assert found.keys() == expected.keys()
    for key, rows in expected.items():
        known = [score for score in rows if score is not None]
        assert found[key][:2] == (len(rows), len(known))
        if known:
            assert float(found[key][2]) == pytest.approx(float(sum(known)) / len(known), abs=1e-6)


def _costs(marts: Warehouse) -> tuple[dict[str, dict[date, Decimal]], set[date]]:
    """Customer → month → cost, and the months that are told."""
    costs: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for customer, month, amount in marts.rows(
        "select customer_id, month_end, cost_amount from marts.fct_customer_costs"
    ):
        costs[customer][month] += amount
    return costs, {month for months in costs.values() for month in months}


def _cost(costs: dict[date, Decimal], told: set[date], opening: date, end: date) -> Decimal | None:
    months = list(month_ends(opening + timedelta(1), end))
    return (
        sum((costs.get(month, Decimal(0)) for month in months), Decimal(0)) if set(months) <= told else None
    )


def test_cost_to_serve_by_the_band_at_the_opening(
    marts: Warehouse, states: dict[tuple[str, date], State]
) -> None:
    costs, told = _costs(marts)
    expected: Sums = {}
    for grain, end, opening in _periods(marts):
        for state in (s for s in states.values() if s.end == opening):
            cost = _cost(costs[state.customer], told, opening, end)
            if cost is not None:
                _add(
                    expected,
                    "cost_to_serve_by_engagement_band",
                    grain,
                    end,
                    "engagement_band",
                    state.band,
                    cost,
                )
    assert _found(marts, ["cost_to_serve_by_engagement_band"], ["engagement_band"]) == expected
    assert sum(numerator > 0 for numerator, _ in expected.values()) > 50
    # Of the year in which a month is not told nothing is said, and the value is an amount a customer.
    assert not [key for key in expected if key[1] == "t12m" and key[2] == date(2024, 12, 31)]
    row = metric(
        marts.connection, "cost_to_serve_by_engagement_band", "t12m", T, "engagement_band", "engaged"
    )
    assert row is not None and row["value"] == six(row["numerator"] / row["denominator"])


def test_health_and_margin_by_the_model_of_most_interactions(
    marts: Warehouse, firm: Firm, states: dict[tuple[str, date], State]
) -> None:
    costs, told = _costs(marts)
    scores = {
        (customer, end): score
        for customer, end, score in marts.rows(
            "select customer_id, month_end, score_without_engagement from marts.fct_health_months"
        )
    }
    revenue = {
        (customer, end): amount
        for customer, end, amount in marts.rows(
            "select customer_id, month_end, revenue_t12m_amount from marts.fct_customer_months"
        )
    }
    expected: Sums = {}
    models = set()
    for grain, end, opening in _periods(marts):
        if grain not in ("t12m", "year"):
            continue
        for customer in firm.segments:
            modes = [
                item.mode
                for item in firm.interactions
                if item.customer == customer and opening < item.day <= end
            ]
            # Of two with as many the more personal one.
            most = max(("high_touch", "community", "digital", "self_help"), key=modes.count)
            model = (
                "unknown"
                if opening + timedelta(1) < LOG_FIRST
                else "none"
                if not modes
                else most
                if modes.count(most)
                else "unknown"
            )
            score = scores.get((customer, end))
            if grain == "t12m" and score is not None:
                models.add(model)
                _add(expected, "health_by_engagement_model", "month", end, "engagement_model", model, score)
            amount, cost = revenue.get((customer, end)), _cost(costs[customer], told, opening, end)
            if amount and cost is not None:
                _add(
                    expected,
                    "relationship_margin_by_engagement_model",
                    grain,
                    end,
                    "engagement_model",
                    model,
                    amount - cost,
                    amount,
                )
    found = _found(
        marts, ["health_by_engagement_model", "relationship_margin_by_engagement_model"], ["engagement_model"]
    )
    assert {key: row for key, row in found.items() if key[0][0] == "r" or key[1] == "month"} == expected
    assert {"high_touch", "digital", "self_help", "unknown"} <= {key[4] for key in expected}


def test_every_number_opens_into_its_rows(marts: Warehouse) -> None:
    keys = [
        "over_engaged_customer_share", "high_touch_coverage_rate", "visibility_by_engagement_band", "retention_by_engagement_band",
        "cost_to_serve_by_engagement_band", "health_by_engagement_model", "relationship_margin_by_engagement_model",
        "usability_issue_share_by_engagement_band", "interacting_customers", "interacting_customers_daily", "interacting_customers_weekly",
    ]  # fmt: skip
    differing = marts.rows(
        """
        select metric_key, period_grain, period_end, dimension, member, metric.numerator, opened.numerator
        from marts.fct_metric_ratios as metric
        left join (
            select metric_key, period_grain, period_end, dimension, member, sum(numerator) as numerator, sum(denominator) as denominator
            from marts.fct_metric_contributions
            where is_included
            group by all
        ) as opened using (metric_key, period_grain, period_end, dimension, member)
        where list_contains(?, metric_key) and dimension not in ('segment', 'region', 'channel', 'tenure_band') and metric.subject_count > 0
            and (metric.numerator, metric.denominator) is distinct from (opened.numerator, opened.denominator)
        """,
        keys,
    )
    assert differing == []


def test_an_unrelated_customer_changes_only_what_compares_customers(
    build: Builder, firm: Firm, marts: Warehouse
) -> None:
    """Clarifications B14.1: tenths by revenue move, and nothing else of the others."""
    more = draw(17)
    more.customer("stranger", "Strangers", date(2023, 2, 1), None, 200, None)
    for number, day in enumerate((date(2024, 3, 4), date(2025, 5, 6), date(2025, 5, 7))):
        more.touch("stranger", day, "meeting", "inbound", tone="positive")
        more.case("stranger", day, day + timedelta(3), "usability_performance", "web", number > 0, True)
    other = made(build, more)
    months = "select * exclude (arr_decile) from marts.fct_engagement_months where customer_id <> 'salesforce:stranger' order by all"
    assert other.rows(months) == marts.rows(months)
    by_segment: Callable[[Warehouse], list[tuple[Any, ...]]] = lambda warehouse: warehouse.rows(  # noqa: E731
        "select * from marts.fct_metric_values inner join (select distinct metric_key from marts.dim_metrics where theme = 'engagement')"
        " using (metric_key) where dimension = 'segment' and member <> 'Strangers' and metric_key <> 'high_touch_coverage_rate' order by all"
    )
    assert by_segment(other) == by_segment(marts)
    assert other.value("high_touch_coverage_rate", "month", T) is not None
