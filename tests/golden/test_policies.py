"""Every policy var moves the numbers it says it moves, and no others.

One company holds a small case for each var, in a segment named after it. It is built once with every position of every var;
the case of the var must show the number of the position, and the cases of all other vars must stay as they are by default.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from tests import harness
from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six

Reading = Callable[[Warehouse], Any]


def _company() -> Company:
    company = Company()

    # One euro is 1.10 dollars to May 2024, 1.00 to the end of the year, 1.20 since.
    for day in month_ends(date(2021, 12, 1), date(2025, 6, 30)):
        company.rate(
            str(day),
            "EUR",
            "1.10" if day < date(2024, 6, 1) else "1.00" if day < date(2024, 12, 31) else "1.20",
        )
    for name in ("fx_mode", "fx_rate_date"):
        company.segment_of(name, name).line(name, "2024-01-01", None, 100, currency="EUR")

    # 100, from July 2024 on 150, from January 2025 on 200
    company.segment_of("fiscal_year_start_month", "fiscal")
    company.line("fiscal", "2023-01-01", "2024-07-01", 100).line("fiscal", "2024-07-01", "2025-01-01", 150)
    company.line("fiscal", "2025-01-01", None, 200)

    # A parent, its subsidiary, and an account merged into the parent
    company.customer("parent", "customer_grain").line("parent", "2024-01-01", None, 100)
    company.customer("child", "customer_grain", parent_account_id="parent").line(
        "child", "2024-01-01", None, 100
    )
    company.customer("merged", "customer_grain", merged_into_account_id="parent").line(
        "merged", "2024-01-01", None, 100
    )

    # Over the end of May 2024: 40 days without a contract (100), 20 days without one (10)
    company.segment_of("renewal_grace_days", "late40", "late20")
    company.line("late40", "2023-05-01", "2024-05-01", 100).line("late40", "2024-06-10", None, 100)
    company.line("late20", "2023-05-20", "2024-05-20", 10).line("late20", "2024-06-09", None, 10)

    # Cancelled on 10 June 2024 to the end of August; past due since 10 June 2024
    company.segment_of("churn_recognition", "leaving").segment_of("past_due_is_active", "owing")
    company.line("leaving", "2023-09-01", "2024-09-01", 100, cancel_requested_date="2024-06-10")
    company.line("owing", "2023-09-01", None, 100, past_due_from_date="2024-06-10")

    # Half off 100 for ever, off 1,000 once, off 10,000 for two years
    company.segment_of("discount_treatment", "forever", "once", "repeating")
    for name, mrr in (("forever", 100), ("once", 1000), ("repeating", 10000)):
        company.line(name, "2024-01-01", None, mrr)
        company.add(
            "contract_discounts", discount_id=name, account_id=name, percent_off="0.5", duration=name, start_date="2024-01-01",
            end_date="2026-01-01" if name == "repeating" else None,
        )  # fmt: skip

    # A commitment of 50, and usage invoiced in March (30) and, twice, in May (60 + 30)
    company.segment_of("usage_revenue", "metered")
    company.line("metered", "2024-01-01", None, 50, product="committed", is_usage_commitment="true")
    for invoiced, amount in (("2024-03-31", 30), ("2024-05-10", 60), ("2024-05-31", 30)):
        company.invoice("metered", invoiced, amount, "usage", product_id="metered")

    # One stays at 100, one returns with 50 after a year
    company.segment_of("nrr_include_reactivation", "steady", "returned")
    company.line("steady", "2022-01-01", None, 100)
    company.line("returned", "2022-01-01", "2023-06-01", 50).line("returned", "2024-03-01", None, 50)

    # 100 a month throughout; invoices of 1,000 in 2023 and 1,300 in 2024
    company.segment_of("nrr_revenue_basis", "invoiced").line("invoiced", "2022-01-01", None, 100)
    company.invoice("invoiced", "2023-05-01", 1000, "recurring").invoice(
        "invoiced", "2024-05-01", 1300, "recurring"
    )

    # 10 seats, price up by 10 %, of which 4 % were agreed
    for name in ("nrr_exclude_contracted_uplift", "price_increase_is_expansion"):
        company.segment_of(name, name)
        company.line(name, "2023-01-01", "2024-06-01", 100, quantity=10, escalator_rate="0.04")
        company.line(name, "2024-06-01", None, 110, quantity=10, escalator_rate="0.04")

    # Two families: one halves, the other grows as much
    company.segment_of("grr_grain", "shifting")
    for product, after in (("suite", 50), ("server", 150)):
        company.line("shifting", "2023-01-01", "2024-06-01", 100, product=product)
        company.line("shifting", "2024-06-01", None, after, product=product)

    # Perpetual licences bought 4 and 14 months before the end of 2024
    company.segment_of("perpetual_activity_window_months", "buyer4", "buyer14")
    company.invoice("buyer4", "2024-08-15", 500, "one_time", licence_model="perpetual")
    company.invoice("buyer14", "2023-10-15", 500, "one_time", licence_model="perpetual")

    company.segment_of("history_start_month", "old").line("old", "2023-01-01", None, 100)
    company.segment_of("reporting_currency", "dollars").line(
        "dollars", "2024-01-01", None, 120, currency="USD"
    )

    # 10 a week, 1 a day
    for name, price, interval in (("week_factor", 10, "week"), ("day_factor", 1, "day")):
        company.segment_of(name, name)
        company.line(name, "2024-01-01", None, recurring_amount=price, billing_interval=interval)

    # Two of three customers stay (the day on which one became known says that the exports reach to the end of June 2025)
    company.customer("one", "min_denominator", recorded_date="2025-06-30").segment_of(
        "min_denominator", "two", "three"
    )
    company.line("one", "2022-01-01", None, 10, recorded_date="2025-06-30").line(
        "two", "2022-01-01", None, 10
    )
    company.line("three", "2022-01-01", "2024-06-01", 10)

    # Three losses in one month in which nobody else is lost; one has a reason
    company.segment_of("min_coverage", "left1", "left2", "left3")
    for name in ("left1", "left2", "left3"):
        company.line(name, "2022-01-01", "2022-03-10", 10)
    company.add(
        "loss_reasons", loss_reason_id="R1", account_id="left1", reason_date="2022-03-01", reason_source="billing_cancel",
        reason_raw="bad support",
    )  # fmt: skip

    company.segment_of("reporting_timezone", "anywhere").line("anywhere", "2024-01-01", None, 100)
    _use(company)
    _trained(company)
    _touches(company)
    _sold(company)
    _health(company)
    _scored(company)
    _help_desk(company)
    _causes(company)
    _success(company)
    _practised(company)
    _learned(company)
    _offered(company)
    _attached(company)
    return company


def _sold(company: Company) -> None:
    """A quote approved from 16:00 to 10:00 of the next day; others before and after a platform went live."""
    for name in ("business_hours", "selling_platform_go_live"):
        company.segment_of(name, name).line(name, "2022-01-01", None, 100)

    def quote(key: str, account: str, created: str, accepted: str | None, platform: str) -> None:
        company.add(
            "quotes", quote_id=key, account_id=account, created_at=created, accepted_at=accepted, is_on_platform=platform
        )  # fmt: skip
        company.add("quote_lines", quote_line_id=key, quote_id=key, offer_id="S", list_amount=1, net_amount=1)

    quote("B", "business_hours", "2025-05-05", None, "false")
    company.add(
        "quote_approvals", approval_id="B", quote_id="B", submitted_at="2025-05-06 16:00:00", decided_at="2025-05-07 10:00:00",
        decision="approved", is_automatic="false",
    )  # fmt: skip
    # Twelve in each of three half years: of nine, five and two days. The first on the platform is one of the second.
    for number in range(36):
        days, month = (9, "2023-05") if number < 12 else (5, "2023-11") if number < 24 else (2, "2024-05")
        quote(
            f"G{number}", "selling_platform_go_live", f"{month}-01", f"{month}-{1 + days:02}", "false" if number < 12 else "true"
        )  # fmt: skip


def _practised(company: Company) -> None:
    """One of two customers is coached, and of both the use is tracked; a risk is answered on the eighth day."""
    company.segment_of("category_practised_min_share", "coached", "not coached")
    company.segment_of("intervention_sla_days", "answered")
    for name in ("coached", "not coached", "answered"):
        company.line(name, "2022-01-01", None, 100)
    for number, (name, activity, day) in enumerate(
        (
            ("coached", "coaching", "2022-06-01"),
            ("coached", "coaching", "2025-05-01"),
            ("answered", "intervention", "2025-05-18"),
        )
    ):
        company.add(
            "activity_records", record_id=f"P{number}", account_id=name, activity=activity, activity_date=day
        )
    company.add(
        "risk_records", risk_id="answered", account_id="answered", risk_type="other", opened_date="2025-05-10"
    )


def _learned(company: Company) -> None:
    """Two users in May 2025, one of whom was assessed."""
    for name, (score, day) in {
        "proficiency_pass_score": (79, "2025-04-10"),
        "proficiency_valid_months": (95, "2024-01-10"),
        "proficient_user_share_min": (95, "2025-04-10"),
    }.items():
        company.segment_of(name, name).line(
            name, "2022-01-01", None, 100, quantity=10, unit_of_measure="seat"
        )
        _users(company, name, "2025-05-20", 2)
        company.add(
            "skill_assessments", assessment_id=name, account_id=name, user_id=f"{name}-0", skill="core", score=score, assessed_date=day
        )  # fmt: skip


def _attached(company: Company) -> None:
    """A service ordered 31 days after a sale, one that came with it, and one that came back in May 2025."""
    company.segment_of("attach_window_days", "attached").segment_of("count_bundled_as_attached", "bundled")
    company.segment_of("winback_pool_months", "back", "gone")
    company.segment_of("influence_window_days", "worked")  # 181 days before it buys
    company.line("worked", "2022-01-01", None, 1)
    company.add(
        "service_deliveries", delivery_id="worked", account_id="worked", delivered_date="2024-11-20", amount=1
    )
    company.add(
        "opportunities", opportunity_id="worked", account_id="worked", close_date="2025-05-20", opportunity_type="expansion",
        is_won="true", amount=70, currency="USD",
    )  # fmt: skip
    company.add("service_offers", offer_id="new_offer", service_line="success", launched_date="2024-01-10")
    for product, offer_type in (("goods", "product"), ("care", "support")):
        company.add("products", product_id=product, product_family=product, offer_type=offer_type)
    company.add(
        "service_offers", offer_id="care", product_id="care", service_line="support", is_paid="true", has_price="true", created_date="2020-01-01"
    )  # fmt: skip
    for offer in ("care", "new_offer"):
        company.add(
            "offer_reviews", review_id=offer, offer_id=offer, review_date="2024-11-20", review_kind="price_policy"
        )  # fmt: skip
    for name, account, day, product, net in (
        ("late-1", "attached", "2025-05-01", "goods", 100), ("late-2", "attached", "2025-06-01", "care", 10),
        ("bundled-1", "bundled", "2025-05-01", "goods", 100), ("bundled-2", "bundled", "2025-05-01", "care", 0),
    ):  # fmt: skip
        company.add(
            "opportunities", opportunity_id=name, account_id=account, close_date=day, opportunity_type="new", is_won="true"
        )  # fmt: skip
        company.add(
            "opportunity_lines", opportunity_line_id=name, opportunity_id=name, product_id=product, net_amount=net
        )  # fmt: skip
    for name, end, requested in (("back", "2024-01-01", "2023-12-01"), ("gone", "2024-12-01", "2024-11-01")):
        company.line(
            name, "2023-01-01", end, 100, product="care", line_type="support", contract_id=name, cancel_requested_date=requested
        )  # fmt: skip
    company.line(
        "back", "2025-05-10", "2026-05-10", 100, product="care", line_type="support", contract_id="again"
    )


def _offered(company: Company) -> None:
    """An offer whose price and policy were confirmed 192 days before the end of May 2025."""
    company.add("reps", rep_id="rep", region="EMEA")
    company.add(
        "service_offers",
        offer_id="offer",
        service_line="support",
        has_price="true",
        created_date="2022-01-01",
    )
    company.add(
        "offer_reviews",
        review_id="policy",
        offer_id="offer",
        review_date="2024-11-20",
        review_kind="price_policy",
    )


def _health(company: Company) -> None:
    """Answers and use at the end of May 2025; nobody is engaged. Weights known: use 30, perception 20, engagement 15."""
    #: Segment → users of ten seats, answer about impact and its day
    cases: dict[str, tuple[int, int, str]] = {
        "health_red_below": (10, 1, "2025-05-10"),  # 3000 ÷ 65
        "health_green_from": (10, 5, "2025-05-10"),  # 5000 ÷ 65
        "health_min_weight": (0, 5, "2025-05-10"),  # 2000 ÷ 35, use unknown
        "perception_positive_min": (0, 4, "2025-05-10"),
        "perception_negative_max": (0, 2, "2025-05-10"),
        "survey_window_months": (0, 5, "2024-10-15"),
    }
    for name, (users, score, day) in cases.items():
        seats: dict[str, Any] = {"quantity": 10, "unit_of_measure": "seat"} if users else {}
        company.segment_of(name, name).line(name, "2022-01-01", None, 100, **seats)
        company.add(
            "survey_responses", answer_id=name, account_id=name, contact_id=name, question_kind="perception", score=score, answered_date=day,
        )  # fmt: skip
        _users(company, name, "2025-05-20", users)
    # Ten users in February, eight in May
    company.segment_of("usage_drop_pct", "usage_drop_pct")
    company.line("usage_drop_pct", "2022-01-01", None, 100, quantity=10, unit_of_measure="seat")
    _users(company, "usage_drop_pct", "2025-02-20", 10)
    _users(company, "usage_drop_pct", "2025-05-20", 8)
    # Six at risk of buying less, who did so in January 2023: at the ends of the six months before, 36 times
    for number in range(6):
        name = f"shrinking{number}"
        company.segment_of("reducing_severity", name)
        company.line(name, "2022-01-01", "2023-01-01", 100).line(name, "2023-01-01", None, 50)
        company.add(
            "risk_records", risk_id=name, account_id=name, risk_type="contraction", opened_date="2022-06-01"
        )


def _success(company: Company) -> None:
    """Success plans by the end of May 2025, and what a customer spent and gained."""
    #: Segment → objectives: what they are
    cases: dict[str, list[dict[str, Any]]] = {
        # Overfulfilled by half
        "objective_clamp": [
            {"baseline_value": 40, "target_value": 20, "current_value": 10, "due_date": "2025-05-01"}
        ],
        # Half of what is due is done, and all of what is not
        "success_plan_denominator": [
            {"percent_complete": 50, "due_date": "2025-05-31"},
            {"percent_complete": 100, "due_date": "2025-06-01"},
        ],
    }
    for name, objectives in cases.items():
        company.segment_of(name, name).line(name, "2022-01-01", None, 100)
        company.add("success_plans", plan_id=name, account_id=name, start_date="2025-01-01")
        for number, objective in enumerate(objectives):
            company.add(
                "success_objectives", objective_id=f"{name}{number}", plan_id=name, updated_date="2025-02-01", **objective
            )  # fmt: skip
    #: Segment → benefits of an investment of 1,000 in January 2023: month, amount, verified by
    returns: dict[str, list[tuple[str, int, str]]] = {
        "roi_discount_rate": [("2023-12-10", 1500, "customer")],
        "roi_horizon_months": [("2023-12-10", 600, "customer"), ("2025-01-10", 900, "customer")],
        "roi_require_customer_verified": [("2023-12-10", 600, "customer"), ("2024-01-10", 900, "vendor")],
    }
    for name, benefits in returns.items():
        company.segment_of(name, name).line(name, "2022-01-01", None, 100)
        company.add(
            "customer_investments", investment_id=name, account_id=name, investment_month="2023-01-10", amount=1000
        )  # fmt: skip
        for month, amount, by in benefits:
            company.add(
                "customer_benefits", benefit_id=f"{name} {month}", account_id=name, benefit_month=month, amount=amount, verified_by=by
            )  # fmt: skip


def _users(company: Company, account: str, day: str, count: int) -> None:
    """Users of an account on a day."""
    for user in range(count):
        number = len(company.exports.get("templates/product_events", ()))
        company.add(
            "product_events", event_id=f"E{number}", account_id=account, user_id=f"{account}-{user}", product_id="core", feature_id="A",
            occurred_at=day, event_count=1,
        )  # fmt: skip


def _scored(company: Company) -> None:
    """Customers of a known health at the end of May 2025: a share of their licences in use, and a positive impact."""
    company.add("products", product_id="plan", product_family="Plan", offer_type="product")
    #: Segment, customer → licences in use in percent, meetings
    cases: dict[str, dict[str, tuple[int, int]]] = {
        # Twelve customers, the healthier the more often met
        "correlation_min_n": {f"met{number:02}": (5 + 5 * number, number) for number in range(12)},
        # Adoption of 60 (weight 30), impact of 100 (20), engaged (15): 3,800 ÷ 50 without, 5,300 ÷ 65 with engagement
        "corr_health_excludes_engagement": {"healthy": (60, 1)},
    }
    for segment, customers in cases.items():
        company.segment_of(segment, *customers)
        for name, (percent, meetings) in customers.items():
            company.line(name, "2022-01-01", None, 10, product="plan", quantity=10, unit_of_measure="seat")
            for kind, score in (("adoption_share", percent), ("perception", 5)):
                company.add(
                    "survey_responses", answer_id=f"{kind}-{name}", account_id=name, question_kind=kind, score=score,
                    answered_date="2025-05-20",
                )  # fmt: skip
            for number in range(meetings):
                company.add(
                    "engagements", engagement_id=f"H{name}{number}", account_id=name, engagement_type="meeting", started_at="2025-05-20",
                )  # fmt: skip
    company.segment_of("surveys", "surveys").line("surveys", "2022-01-01", None, 10)
    company.add(
        "survey_responses", answer_id="last", account_id="surveys", question_kind="nps", score=9, answered_date="2025-06-29"
    )  # fmt: skip


def _causes(company: Company) -> None:
    """Cases of May 2023, each the first of its day: of one cause the third, of another the fourth within twelve months."""
    for cause, days in {
        "third": ("2023-03-06", "2023-04-06", "2023-05-06"),
        "fourth": ("2023-02-08", "2023-03-08", "2023-04-08", "2023-05-08"),
    }.items():
        for day in days:
            tickets = company.exports.setdefault("zendesk/ticket", [])
            tickets.append(
                {
                    "id": f"{len(tickets) + 1}",
                    "created_at": f"{day} 10:00:00",
                    "status": "open",
                    "custom_cause": cause,
                }
            )


def _touches(company: Company) -> None:
    """Meetings before the end of May 2025, days before it in brackets; the first and the last say which days are known."""
    #: Segment, customer → meetings (day, tone)
    cases: dict[str, dict[str, list[tuple[str, str | None]]]] = {
        "log": {"log": [("2023-01-02", None), ("2025-05-30", None), ("2025-06-29", None)]},
        # (31) and (100)
        "engagement_window_days": {"late": [("2025-04-30", None)], "early": [("2025-02-20", None)]},
        # (141) and (242)
        "silent_days": {"quiet": [("2025-01-10", None)], "quieter": [("2024-10-01", None)]},
        # One of five rated
    }
    for segment, customers in cases.items():
        company.segment_of(segment, *customers)
        for name, meetings in customers.items():
            company.line(name, "2022-01-01", None, 10)
            for day, tone in meetings:
                number = len(company.exports.get("templates/engagements", ()))
                company.add(
                    "engagements", engagement_id=f"T{number}", account_id=name, engagement_type="meeting", started_at=day, sentiment=tone
                )  # fmt: skip


def _use(company: Company) -> None:
    """Use of seats in May 2025; the first and the last event say which days are known."""
    for feature in ("A", "B"):
        company.add("product_features", feature_id=feature, product_id="core", tier="advanced")
    company.add("products", product_id="core", product_family="Core", offer_type="product")
    company.segment_of("tracker", "tracker")
    #: Name → first day of the contract, events (user, feature, day, number)
    cases: dict[str, tuple[str, list[tuple[str, str, str, int]]]] = {
        "tracker": ("2022-01-01", [("u", "A", "2024-01-02", 1), ("u", "A", "2025-06-29", 1)]),
        # One of ten seats used within 28 days, one more within 30
        "adoption_window_days": ("2022-01-01", [("u1", "A", "2025-05-20", 1), ("u2", "A", "2025-05-02", 1)]),
        # A customer in its fifth month uses one seat of ten
        "adoption_ramp_days": ("2025-01-15", [("u1", "A", "2025-05-20", 1)]),
        # Twelve users of ten seats
        "cap_overage": ("2022-01-01", [(f"u{user}", "A", "2025-05-20", 1) for user in range(12)]),
        # Two features four times, one feature four times
        "advanced_min_features": (
            "2022-01-01",
            [("u1", "A", "2025-05-20", 2), ("u1", "B", "2025-05-20", 2), ("u2", "A", "2025-05-20", 4)],
        ),
        # Two features four times, two features twice
        "advanced_min_events": (
            "2022-01-01",
            [
                (user, feature, "2025-05-20", count)
                for user, count in (("u1", 2), ("u2", 1))
                for feature in "AB"
            ],
        ),
    }
    for name, (start, events) in cases.items():
        if name != "tracker":
            company.segment_of(name, name)
        company.line(name, start, None, 100, quantity=10, unit_of_measure="seat")
        for user, feature, day, count in events:
            number = len(company.exports.get("templates/product_events", ()))
            company.add(
                "product_events", event_id=f"E{number}", account_id=name, user_id=f"{name}-{user}", product_id="core",
                feature_id=feature, occurred_at=day, event_count=count,
            )  # fmt: skip


def _trained(company: Company) -> None:
    """Eight customers trained in December 2024 use 3 or 4 seats more from then on, eight others none or one."""
    names = [f"effect_min_n{number:02d}" for number in range(16)]
    company.segment_of("effect_min_n", *names)
    for number, name in enumerate(names):
        company.line(name, "2022-01-01", None, 100, quantity=10, unit_of_measure="seat")
        rise = number // 2 % 2 + (3 if number % 2 else 0)
        for day in month_ends(date(2024, 6, 1), date(2025, 5, 31)):
            for user in range(2 + (rise if day >= date(2024, 12, 1) else 0)):
                company.add(
                    "product_events", event_id=f"{name}{day}{user}", account_id=name, user_id=f"{name}-u{user}", product_id="core",
                    occurred_at=day.replace(day=15),
                )  # fmt: skip
        if number % 2:
            company.add(
                "customer_actions",
                action_id=name,
                account_id=name,
                action_type="Training",
                action_date="2024-12-10",
            )
    # The list of actions has been kept since January.
    company.add(
        "customer_actions",
        action_id="first",
        account_id="tracker",
        action_type="Training",
        action_date="2024-01-10",
    )


def _help_desk(company: Company) -> None:
    """Two cases of an hour each, closed in May 2025: a bug that Development worked on for two hours, and a question that was one."""

    def add(export: str, **row: Any) -> None:
        company.exports.setdefault(export, []).append(row)

    for role, hourly in (("support", 60), ("engineering", 100)):
        add("templates/labour_rates", rate_id=role, role=role, valid_from="2025-01-01", hourly_cost=hourly)
    add("zendesk/user", id="bob", role="agent")
    add("jira/issue_type", id="1", name="Bug")
    for case, words, seconds in (("1", "Bug", 7200), ("2", "How to", "")):
        add(
            "zendesk/ticket", id=case, created_at="2025-05-05 10:00:00", status="solved", custom_contact_reason=words,
            custom_jira_issue_keys=f"P-{case}", custom_total_time_spent_sec=3600,
        )  # fmt: skip
        add(
            "zendesk/ticket_field_history", ticket_id=case, field_name="status", updated="2025-05-06 12:00:00", value="solved",
            user_id="bob",
        )  # fmt: skip
        add(
            "zendesk/ticket_field_history", ticket_id=case, field_name="custom_contact_reason", updated="2025-05-05 10:00:00",
            value=words, user_id="bob",
        )  # fmt: skip
        add(
            "jira/issue", id=case, key=f"P-{case}", issue_type="1", created="2025-05-05 10:00:00", time_spent=seconds
        )  # fmt: skip


def _fx(marts: Warehouse) -> tuple[Any, ...]:
    bridge = marts.bridge("month", "2024-06-30", "fx_mode")
    changes = sum(bridge[name] for name in ("new", "reactivation", "expansion", "contraction", "churn"))
    retention = marts.value("net_revenue_retention", "month", "2024-06-30", "fx_mode")
    return bridge["opening"], changes, bridge["fx_impact"], bridge["closing"], retention


def _fiscal_years(marts: Warehouse) -> list[tuple[Any, ...]]:
    return marts.rows(
        "select period_end, value from marts.fct_metric_values where metric_key = 'net_revenue_retention'"
        " and period_grain = 'year' and member = 'fiscal_year_start_month' and period_end > date '2024-06-30'"
    )


def _usage(marts: Warehouse) -> list[Decimal]:
    return [marts.mrr(str(day), "usage_revenue") for day in month_ends(date(2024, 2, 1), date(2024, 8, 31))]


def _first_periods(marts: Warehouse) -> tuple[Any, ...]:
    (months,) = marts.rows(
        "select min(case when period_grain = 'month' then period_end end), min(case when period_grain = 't12m' then period_end end)"
        " from marts.fct_metric_values where metric_key = 'net_revenue_retention' and member = 'history_start_month'"
    )
    return (*months, marts.movements("history_start_month"))


def _recurring(marts: Warehouse) -> Decimal | None:
    return marts.value("recurring_issue_share", "month", "2023-05-31")


def _status_of_buyers(marts: Warehouse) -> int:
    active: int = marts.one(
        "select count(*) from marts.fct_customer_months where month_end = date '2024-12-31'"
        " and customer_id in ('templates:buyer4', 'templates:buyer14') and relationship_status = 'active_transactional'"
    )
    return active


def _small_rate(marts: Warehouse) -> tuple[Any, ...]:
    row = marts.row("customer_retention_rate", "t12m", "2024-12-31", "min_denominator")
    return row["value"], row["ci_low"] is None, row["verdict"], row["numerator"], row["denominator"]


def _covered_reasons(marts: Warehouse) -> tuple[Any, ...]:
    found = harness.metric(marts.connection, "loss_reason_mix", "month", "2022-03-31", "reason", "unknown")
    assert found is not None
    return found["value"], found["coverage"], found["verdict"]


def _published_grains(marts: Warehouse) -> list[str]:
    return [
        grain
        for (grain,) in marts.rows("select distinct period_grain from marts.fct_metric_values order by 1")
    ]


def _headline_of_retention(marts: Warehouse) -> tuple[str, str]:
    (row,) = marts.rows(
        "select distinct metrics.headline_grain, targets.period_grain from marts.dim_metrics as metrics"
        " inner join marts.dim_targets as targets using (metric_key) where metric_key = 'net_revenue_retention'"
    )
    return str(row[0]), str(row[1])


def _mrr_of(segment: str) -> Reading:
    return lambda marts: marts.mrr("2024-06-30", segment)


def _year_of(key: str, segment: str) -> Reading:
    return lambda marts: marts.value(key, "t12m", "2024-12-31", segment)


def _use_of(key: str, segment: str) -> Reading:
    return lambda marts: marts.value(key, "month", "2025-05-31", segment)


def _band_of_the_new(marts: Warehouse) -> str:
    return str(
        marts.one(
            "select adoption_band from marts.fct_adoption_months where customer_id = 'templates:adoption_ramp_days'"
            " and month_end = date '2025-05-31'"
        )
    )


def _health_of(column: str, segment: str) -> Reading:
    return lambda marts: marts.one(
        f"select {column} from marts.fct_health_months where customer_id = ? and month_end = date '2025-05-31'",
        f"templates:{segment}",
    )


def _severity(marts: Warehouse) -> Decimal | None:
    return six(
        marts.one(
            "select sum(expected_loss_amount) / sum(arr_amount * loss_probability) from marts.fct_expected_losses"
            " where customer_id like 'templates:shrinking%' and month_end = date '2024-04-30'"
        )
    )


def _bands_by_silence(marts: Warehouse) -> list[str]:
    """Bands of the two customers of the case of silence."""
    return [
        band
        for (band,) in marts.rows(
            "select engagement_band from marts.fct_engagement_months where month_end = date '2025-05-31'"
            " and customer_id in ('templates:quiet', 'templates:quieter') order by customer_id"
        )
    ]


def _correlation(marts: Warehouse) -> tuple[Any, ...]:
    found = harness.metric(
        marts.connection, "corr_health_frequency", "t12m", "2025-05-31", "segment", "correlation_min_n"
    )
    assert found is not None
    return found["value"], found["n"], found["verdict"]


def _score_beside_engagement(marts: Warehouse) -> Decimal | None:
    score: Decimal | None = marts.one(
        "select mean_score from marts.fct_health_by_engagement where month_end = date '2025-05-31'"
        " and segment = 'corr_health_excludes_engagement'"
    )
    return score


READINGS: dict[str, Reading] = {
    "fx_mode": _fx,
    "fx_rate_date": _mrr_of("fx_rate_date"),
    "fiscal_year_start_month": _fiscal_years,
    "customer_grain": lambda marts: marts.value(
        "revenue_generating_customer_count", "month", "2024-06-30", "customer_grain"
    ),
    "renewal_grace_days": lambda marts: marts.mrr("2024-05-31", "renewal_grace_days"),
    "churn_recognition": _mrr_of("churn_recognition"),
    "past_due_is_active": _mrr_of("past_due_is_active"),
    "discount_treatment": _mrr_of("discount_treatment"),
    "usage_revenue": _usage,
    "nrr_include_reactivation": _year_of("net_revenue_retention", "nrr_include_reactivation"),
    "nrr_revenue_basis": _year_of("net_revenue_retention", "nrr_revenue_basis"),
    "nrr_exclude_contracted_uplift": _year_of("net_revenue_retention", "nrr_exclude_contracted_uplift"),
    "price_increase_is_expansion": _year_of("net_revenue_retention", "price_increase_is_expansion"),
    "grr_grain": _year_of("gross_revenue_retention", "grr_grain"),
    "perpetual_activity_window_months": _status_of_buyers,
    "history_start_month": _first_periods,
    "retention_windows_months": _published_grains,
    "headline_window_months": _headline_of_retention,
    "reporting_currency": _mrr_of("reporting_currency"),
    "week_factor": _mrr_of("week_factor"),
    "day_factor": _mrr_of("day_factor"),
    "min_denominator": _small_rate,
    "min_coverage": _covered_reasons,
    "adoption_window_days": _use_of("license_adoption_rate", "adoption_window_days"),
    "adoption_ramp_days": _band_of_the_new,
    "cap_overage": _use_of("license_adoption_rate", "cap_overage"),
    "advanced_min_features": _use_of("advanced_user_share", "advanced_min_features"),
    "advanced_min_events": _use_of("advanced_user_share", "advanced_min_events"),
    "engagement_window_days": _use_of("engaged_customer_share", "engagement_window_days"),
    "defect_basis": lambda marts: marts.value("defect_issue_share", "month", "2025-05-31"),
    "include_engineering_cost": lambda marts: marts.value("defect_handling_cost", "month", "2025-05-31"),
    "health_red_below": _health_of("primary_reason", "health_red_below"),
    "health_green_from": _health_of("risk_class", "health_green_from"),
    "health_min_weight": _health_of("health_score", "health_min_weight"),
    "perception_positive_min": _health_of("perception", "perception_positive_min"),
    "perception_negative_max": _health_of("perception", "perception_negative_max"),
    "survey_window_months": _health_of("perception", "survey_window_months"),
    "usage_drop_pct": _health_of("is_adoption_falling", "usage_drop_pct"),
    "reducing_severity": _severity,
    "effect_min_n": lambda marts: marts.one(
        "select verdict from marts.fct_effects where member = 'training' and period_grain = 't12m' and period_end = date '2025-05-31'"
    ),
    "silent_days": lambda marts: (
        marts.value("silent_customer_share", "month", "2025-05-31", "silent_days"),
        _bands_by_silence(marts),
    ),
    "category_practised_min_share": _use_of("cs_categories_practised", "category_practised_min_share"),
    "intervention_sla_days": _use_of("early_warning_response_rate", "intervention_sla_days"),
    "correlation_min_n": _correlation,
    "corr_health_excludes_engagement": _score_beside_engagement,
    "recurring_issue_min_cases": _recurring,
    "objective_clamp": _use_of("success_plan_realization_rate", "objective_clamp"),
    "success_plan_denominator": _use_of("success_plan_realization_rate", "success_plan_denominator"),
    "roi_discount_rate": _use_of("customer_roi_pv", "roi_discount_rate"),
    "roi_horizon_months": _use_of("customer_roi", "roi_horizon_months"),
    "roi_require_customer_verified": _use_of("customer_roi", "roi_require_customer_verified"),
    "proficiency_pass_score": _use_of("proficiency_rate", "proficiency_pass_score"),
    "proficiency_valid_months": _use_of("proficiency_rate", "proficiency_valid_months"),
    "offer_review_days": lambda marts: marts.value("price_policy_catalog_coverage", "month", "2025-05-31"),
    "attach_window_days": _use_of("service_attach_rate", "attach_window_days"),
    "count_bundled_as_attached": _use_of("service_attach_rate", "count_bundled_as_attached"),
    "influence_window_days": lambda marts: marts.value(
        "service_influenced_revenue", "month", "2025-05-31", "influence_window_days"
    ),
    "new_offer_months": lambda marts: marts.one(
        "select is_new from marts.fct_portfolio_offer_months where offer_id = 'new_offer' and month_end = date '2025-05-31'"
    ),
    "winback_pool_months": _use_of("winback_rate", "winback_pool_months"),
    "proficient_user_share_min": _use_of("proficient_customer_share", "proficient_user_share_min"),
    "business_hours": _use_of("approval_cycle_time", "business_hours"),
    "selling_platform_go_live": lambda marts: marts.value("platform_time_saved", "t12m", "2024-12-31"),
    # Of what the templates carry with a time of day, no month may move.
    "reporting_timezone": _mrr_of("reporting_timezone"),
}

_NEW_IN_2023 = {"2023-01": {"new": six(100)}}

#: Var, position, what its case shows. The first position of a var is the one of SETTINGS.
POSITIONS: list[tuple[str, Any, Any]] = [
    ("fx_mode", "constant", (120, 0, 0, 120, 1)),
    ("fx_mode", "as_reported", (110, 0, -10, 100, 1)),  # ratios use constant rates in both modes
    ("fx_rate_date", None, 120),  # 2025-01-01, the first day of the fiscal year of as_of_date
    ("fx_rate_date", "2024-06-30", 100),
    ("fx_rate_date", "2024-05-31", 110),
    ("fiscal_year_start_month", 1, [(date(2024, 12, 31), six("1.5"))]),  # 150 ÷ 100
    ("fiscal_year_start_month", 2, [(date(2025, 1, 31), six(2))]),  # 200 ÷ 100
    ("customer_grain", "ultimate_parent", 1),
    ("customer_grain", "account", 2),  # merges are still followed
    ("renewal_grace_days", 30, 10),
    ("renewal_grace_days", 0, 0),
    ("renewal_grace_days", 45, 110),
    ("churn_recognition", "service_end", 100),
    ("churn_recognition", "cancellation_request", 0),
    ("past_due_is_active", True, 100),
    ("past_due_is_active", False, 0),
    ("discount_treatment", "exclude_once", 50 + 1000 + 5000),
    ("discount_treatment", "forever_only", 50 + 1000 + 10000),
    ("discount_treatment", "all", 50 + 500 + 5000),
    ("discount_treatment", "none", 100 + 1000 + 10000),
    ("usage_revenue", "commit_only", [50] * 7),
    # February to August 2024: nothing yet, 30, 30, (30 + 90) ÷ 2, 90, 90, nothing
    ("usage_revenue", "t3m_avg", [50, 50 + 30, 50 + 30, 50 + 60, 50 + 90, 50 + 90, 50]),
    ("usage_revenue", "exclude", [0] * 7),
    ("nrr_include_reactivation", False, 1),
    ("nrr_include_reactivation", True, six("1.5")),
    ("nrr_revenue_basis", "recurring", 1),
    ("nrr_revenue_basis", "all_revenue_t12m", six("1.3")),
    ("nrr_exclude_contracted_uplift", False, six("1.10")),
    ("nrr_exclude_contracted_uplift", True, six("1.06")),
    ("price_increase_is_expansion", True, six("1.10")),
    ("price_increase_is_expansion", False, six("1.04")),
    ("grr_grain", "customer", 1),
    ("grr_grain", "customer_product", six("0.75")),
    ("perpetual_activity_window_months", 12, 1),
    ("perpetual_activity_window_months", 3, 0),
    ("perpetual_activity_window_months", 24, 2),
    ("history_start_month", None, (date(2023, 2, 28), date(2024, 1, 31), _NEW_IN_2023)),
    ("history_start_month", "2024-03-01", (date(2024, 4, 30), date(2025, 3, 31), {})),  # March is an opening balance
    ("retention_windows_months", [1, 3, 12], ["month", "quarter", "t12m", "year"]),
    ("retention_windows_months", [1, 12], ["month", "t12m", "year"]),
    ("headline_window_months", 12, ("t12m", "t12m")),
    ("headline_window_months", 3, ("quarter", "quarter")),
    ("headline_window_months", 1, ("month", "month")),
    ("reporting_currency", "USD", 120),
    ("reporting_currency", "EUR", 100),
    ("week_factor", 4.333333333333, six("43.333333")),
    ("week_factor", 4, 40),
    ("day_factor", 30.416666666667, six("30.416667")),
    ("day_factor", 30, 30),
    ("min_denominator", 1, (six("0.666667"), False, "ok", 2, 3)),
    ("min_denominator", 5, (None, True, "small_n", 2, 3)),  # the sums stay, so that roll-ups are exact
    ("min_coverage", 0, (six("0.666667"), six("0.333333"), "ok")),
    ("min_coverage", 0.6, (six("0.666667"), six("0.333333"), "low_coverage")),
    ("adoption_window_days", 28, six("0.1")),
    ("adoption_window_days", 30, six("0.2")),
    ("adoption_window_days", 60, six("0.2")),
    ("adoption_ramp_days", 90, "red"),  # 10 % in the fifth month
    ("adoption_ramp_days", 180, "ramp"),
    ("adoption_ramp_days", 0, "red"),
    ("cap_overage", True, 1),
    ("cap_overage", False, six("1.2")),
    ("advanced_min_features", 1, 1),
    ("advanced_min_features", 2, six("0.5")),
    ("advanced_min_events", 1, 1),
    ("advanced_min_events", 3, six("0.5")),
    ("engagement_window_days", 90, six("0.5")),
    ("engagement_window_days", 120, 1),
    ("engagement_window_days", 30, 0),
    ("health_red_below", 50, "below_red_and_negative"),  # 46.2
    ("health_red_below", 40, "score_below_green"),
    ("health_green_from", 75, "healthy"),  # 76.9
    ("health_green_from", 80, "watch"),
    ("health_min_weight", 0.5, None),  # 0.35 is known
    ("health_min_weight", 0.35, six(2000 / 35)),
    ("perception_positive_min", 4, "positive"),
    ("perception_positive_min", 5, "neutral"),
    ("perception_negative_max", 2, "negative"),
    ("perception_negative_max", 1, "neutral"),
    ("survey_window_months", 12, "positive"),
    ("survey_window_months", 6, None),
    ("objective_clamp", True, 1),
    ("objective_clamp", False, six("1.5")),
    ("success_plan_denominator", "all", six("0.75")),
    ("success_plan_denominator", "due_to_date", six("0.5")),
    # 1,500 in the twelfth month for 1,000 in the first
    ("roi_discount_rate", 0.1, six((1500 / 1.1) / (1000 / 1.1 ** (1 / 12)) - 1)),
    ("roi_discount_rate", 0, six("0.5")),
    ("roi_horizon_months", 36, six("0.5")),  # 600 in the twelfth month, 900 in the 25th
    ("roi_horizon_months", 24, six("-0.4")),
    ("roi_require_customer_verified", False, six("0.5")),
    ("roi_require_customer_verified", True, six("-0.4")),
    ("usage_drop_pct", 0.3, False),
    ("usage_drop_pct", 0.2, True),
    ("reducing_severity", 0.3, six("0.3")),
    ("reducing_severity", 0.5, six("0.5")),
    ("effect_min_n", 10, "insufficient_evidence"),
    ("effect_min_n", 5, "supported"),
    ("category_practised_min_share", 0.5, 2),  # health monitoring, and adoption with half of them
    ("category_practised_min_share", 0.6, 1),
    ("intervention_sla_days", 7, 0),
    ("intervention_sla_days", 8, 1),
    ("defect_basis", "confirmed", 1),
    ("defect_basis", "reported", six("0.5")),
    ("include_engineering_cost", False, 60 + 60),
    ("include_engineering_cost", True, 60 + 60 + 200),
    ("silent_days", 180, (six("0.5"), ["seldom", "silent"])),
    ("silent_days", 120, (1, ["silent", "silent"])),
    ("silent_days", 250, (0, ["seldom", "seldom"])),
    ("correlation_min_n", 30, (None, 12, "insufficient_evidence")),
    ("correlation_min_n", 13, (None, 12, "insufficient_evidence")),
    ("correlation_min_n", 12, (1, 12, "supported")),
    ("corr_health_excludes_engagement", True, 76),
    ("corr_health_excludes_engagement", False, six("81.538462")),
    ("recurring_issue_min_cases", 3, six("0.5")),
    ("recurring_issue_min_cases", 2, 1),
    ("recurring_issue_min_cases", 4, 0),
    ("proficiency_pass_score", 80, 0),
    ("proficiency_pass_score", 79, six("0.5")),
    ("proficiency_valid_months", 24, six("0.5")),
    ("proficiency_valid_months", 16, 0),  # the end of January 2024 is the day that is out
    ("proficiency_valid_months", 17, six("0.5")),
    ("offer_review_days", 180, 0),
    ("offer_review_days", 192, 0),
    ("offer_review_days", 193, 1),
    ("proficient_user_share_min", 0.3, 1),
    ("proficient_user_share_min", 0.5, 1),
    ("proficient_user_share_min", 0.6, 0),
    ("business_hours", "09-17", six("0.25")),
    ("business_hours", "08-20", six("0.5")),  # 4 and 2 hours of 12
    ("selling_platform_go_live", None, 4),  # 2023-11-01: 9 − 5
    ("selling_platform_go_live", "2024-04-01", 3),  # 5 − 2
    ("attach_window_days", 30, 0),
    ("attach_window_days", 31, 1),
    ("count_bundled_as_attached", False, 0),
    ("count_bundled_as_attached", True, 1),
    ("influence_window_days", 180, 0),
    ("influence_window_days", 181, 70),
    ("new_offer_months", 24, True),
    ("new_offer_months", 12, False),
    ("winback_pool_months", 24, six("0.5")),
    ("winback_pool_months", 12, 0),
    ("reporting_timezone", "UTC", 100),
    ("reporting_timezone", "America/New_York", 100),
]  # fmt: skip

#: Cases, their bugs and everything else of the company.

_DEFAULTS: dict[str, Any] = {}
for _name, _value, _ in POSITIONS:
    _DEFAULTS.setdefault(_name, _value)

#: Vars that are about every case, and those other cases that a position must touch by its meaning.
_TOUCHES: dict[str, set[str]] = {
    "reporting_currency": set(READINGS),
    "min_denominator": set(READINGS),
    "history_start_month": set(READINGS),
    "fx_rate_date": {"fx_mode"},
    # The constant rates are those of the first day of the fiscal year.
    "fiscal_year_start_month": set(),
    # Both vars speak of the price change of the other one's case.
    "nrr_exclude_contracted_uplift": {"price_increase_is_expansion"},
    "price_increase_is_expansion": {"nrr_exclude_contracted_uplift", "fiscal_year_start_month", "grr_grain"},
    "nrr_revenue_basis": set(READINGS),
    "defect_basis": {"include_engineering_cost"},
    # Business is done by the clocks of the zone.
    "reporting_timezone": {"business_hours"},
}


@dataclass
class Position:
    """What the company shows under one position of one var."""

    readings: dict[str, Any]
    policy: dict[str, str]
    hashes: list[tuple[str]]


@pytest.fixture(scope="module")
def default(build: Builder) -> Warehouse:
    """The company under the default policy."""
    return build(_company(), systems=("templates", "zendesk", "jira"))


@pytest.fixture(scope="module")
def at(build: Builder, default: Warehouse) -> Callable[[str, Any], Position]:
    """The company under one position of one var; default positions share one build."""

    def read(marts: Warehouse, unread: set[str]) -> Position:
        return Position(
            {name: reading(marts) for name, reading in READINGS.items() if name not in unread},
            dict(marts.rows("select var_name, var_value from marts.dim_policy")),
            marts.rows(
                "select policy_hash from marts.dim_as_of union select policy_hash from marts.fct_metric_values"
            ),
        )

    seen = {"default": read(default, set())}

    def position(name: str, value: Any) -> Position:
        key = "default" if value == _DEFAULTS[name] else f"{name}={value}"
        if key not in seen:
            marts = build.again(default, **{name: value})
            seen[key] = read(marts, _TOUCHES.get(name, set()) - {name})
            marts.drop()
        return seen[key]

    return position


@pytest.mark.parametrize(("name", "value", "expected"), POSITIONS, ids=[f"{n}={v}" for n, v, _ in POSITIONS])
def test_each_position_of_a_policy_shows_its_own_number(
    at: Callable[[str, Any], Position], name: str, value: Any, expected: Any
) -> None:
    assert at(name, value).readings[name] == expected


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, v, _ in POSITIONS if v != _DEFAULTS[n]], ids=lambda item: str(item)
)
def test_a_policy_leaves_the_cases_of_other_policies_alone(
    at: Callable[[str, Any], Position], name: str, value: Any
) -> None:
    others = set(READINGS) - {name} - _TOUCHES.get(name, set())
    before, after = at(name, _DEFAULTS[name]).readings, at(name, value).readings
    assert {key: after[key] for key in others} == {key: before[key] for key in others}


def test_every_position_has_a_policy_hash_of_its_own_and_prints_its_value(
    at: Callable[[str, Any], Position],
) -> None:
    hashes: dict[str, str] = {}
    for name, value, _ in POSITIONS:
        found = at(name, value)
        (policy_hash,) = found.hashes
        hashes["default" if value == _DEFAULTS[name] else f"{name}={value}"] = policy_hash[0]
        assert found.policy[name] == str(value)
    assert len(set(hashes.values())) == len(hashes)


def test_every_policy_var_is_hashed_and_has_a_case(at: Callable[[str, Any], Position]) -> None:
    text = (harness.PROJECT / "vars.yml").read_text()
    policy = re.split(r"# ---- \w+", text)[1].split("\n", 1)[1]
    names = set(yaml.safe_load(policy)) - {"as_of_date"}  # the day is printed and kept beside the hash
    assert set(at("fx_mode", "constant").policy) == names
    assert set(READINGS) == names


def test_a_build_under_other_vars_is_the_build_from_nothing(build: Builder, default: Warehouse) -> None:
    for name, value in (("grr_grain", "customer_product"), ("usage_revenue", "exclude")):
        again = build.again(default, **{name: value})
        whole = build(_company(), systems=("templates", "zendesk", "jira"), **{name: value})
        for table in [
            table
            for (table,) in whole.rows(
                "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
            )
        ]:
            everything = f'from marts."{table}" order by all'
            assert again.rows(everything) == whole.rows(everything), table


def test_no_window_reaches_back_before_the_history(build: Builder) -> None:
    """Revenue of two years against two years: with a history from March 2022 on, the first window opens on 31 March 2022."""
    company = Company().line("A", "2021-01-01", None, 100)
    for day in month_ends(date(2021, 1, 1), date(2025, 6, 30)):
        company.invoice("A", str(day), 100, "recurring")
    first = "select min(period_end), min(value), max(value) from marts.fct_metric_values where metric_key = 'nrr_all_revenue'"
    marts = build(company, history_start_month="2022-03-01")
    assert marts.one(first + " and period_grain = 't12m'") == (date(2024, 3, 31), 1, 1)


def test_ratios_use_constant_rates_in_both_currency_modes(build: Builder, default: Warehouse) -> None:
    """Clarifications B4.3, over every customer, period and dimension of the company."""
    query = """
        select metric_key, period_grain, period_end, dimension, member, numerator, denominator, value
        from marts.fct_metric_values
        where metric_key in (
            'net_revenue_retention', 'gross_revenue_retention', 'customer_retention_rate', 'recurring_revenue_rate'
        )
        order by all
    """
    assert _DEFAULTS["fx_mode"] == "constant"
    assert build.again(default, fx_mode="as_reported").rows(query) == default.rows(query)
