"""Profitability and the portfolio: known answers of every rule, by hand.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six

MARTS = (
    "fct_metric_values", "fct_metric_contributions", "fct_recognised_revenue_months", "fct_service_profit_months",
    "fct_influenced_sales", "fct_marginal_service_revenue", "fct_service_scenarios", "fct_service_effects", "fct_customer_costs",
)  # fmt: skip
QUARTERS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in (1, 4, 7, 10)] + ["2025-01"]
SEGMENTS = ("North", "South", "West")


def delivered(company: Company, account: str, day: str, hours: Any = None, **columns: Any) -> None:
    number = len(company.exports.get("templates/service_deliveries", ()))
    company.add(
        "service_deliveries", delivery_id=f"D{number:03d}", account_id=account, delivered_date=day, hours=hours, **columns
    )  # fmt: skip


def cost(company: Company, month: str, line: str, amount: Any, **columns: Any) -> None:
    number = len(company.exports.get("templates/service_costs", ()))
    company.add(
        "service_costs", cost_id=f"K{number:03d}", period_month=f"{month}-01", service_line=line, amount=amount, currency="USD", **columns,
    )  # fmt: skip


def earning_company() -> Company:
    """R earns by every rule; three segments make the panel of the slope; the portfolio has three offers."""
    company = Company()
    for product, offer_type in (
        ("core", "product"),
        ("care", "support"),
        ("work", "professional_services"),
        ("pass", "education"),
    ):
        company.add(
            "products",
            product_id=product,
            product_name=product,
            product_family=product,
            offer_type=offer_type,
        )
    company.customer("R", segment="Rules").customer("S", segment="Rules").customer("T", segment="Rules")
    company.line("T", "2025-04-16", "2025-06-01", 310)  # nobody's invoices name T
    # A year of support for 365, from the middle of April: a dollar a day.
    company.invoice(
        "R", "2025-04-10", 365, "recurring", product_id="care", service_start_date="2025-04-16", service_end_date="2026-04-16"
    )  # fmt: skip
    company.invoice(
        "R", "2025-04-10", 5000, "one_time", product_id="work"
    )  # only a bill: work is delivered below
    company.invoice(
        "S", "2025-04-10", 700, "one_time", product_id="work"
    )  # nobody tells when it was delivered
    company.invoice("R", "2025-04-20", 1000, "recurring", product_id="core")
    company.invoice("R", "2025-04-20", 450, "one_time", product_id="pass")
    # A fee of 900 for 30 hours: 10 and 15 hours earn 300 and 450, the last 15 only what is left.
    company.add(
        "service_projects", project_id="fixed", account_id="R", billing_mode="Fixed fee", fixed_fee_amount=900, budget_hours=30
    )  # fmt: skip
    company.add("service_projects", project_id="free", account_id="R", is_free="true")
    for day, hours in (("2025-04-20", 10), ("2025-05-02", 15), ("2025-05-20", 15)):
        delivered(company, "R", day, hours, project_id="fixed", offer_id="OF-work")
    delivered(company, "R", "2025-05-10", 2, hourly_rate=200)
    delivered(company, "R", "2025-05-11", 8, hourly_rate=200, project_id="free")
    delivered(
        company, "R", "2025-05-12", amount=150, service_line="education"
    )  # one of three courses of the pass
    # May: 100 of support and 60 of work are known, 32 of tools serve both; success has a cost and no revenue.
    cost(company, "2025-05", "support", 70)
    cost(company, "2025-05", "knowledge_base", 30)
    cost(company, "2025-05", "professional_services", 40)
    cost(company, "2025-05", "professional_services", 20, is_investment="true")
    cost(company, "2025-05", "tooling", 32)
    # Two won sales of R: one 3 days after a delivery, one 181 days after the last use; one of S, who used nothing.
    for name, account, day, amount in (
        ("O1", "R", "2025-05-23", 600),
        ("O2", "R", "2025-11-30", 50),
        ("O3", "S", "2025-05-23", 70),
    ):
        company.add(
            "opportunities", opportunity_id=name, account_id=account, close_date=day, opportunity_type="expansion", is_won="true",
            amount=amount, currency="USD",
        )  # fmt: skip
    return company


def panel_company() -> Company:
    """Nine quarters of three segments: cost 10 an hour, revenue 25 an hour and a level of the segment and of the quarter.

    Another customer of each segment that uses nothing keeps what it pays; whoever uses services does, too, in two of three cases.
    """
    company = Company()
    company.add(
        "products",
        product_id="work",
        product_name="work",
        product_family="work",
        offer_type="professional_services",
    )
    for place, segment in enumerate(SEGMENTS):
        company.customer(segment, segment=segment).line(segment, "2022-01-01", None, 100)
        for number, month in enumerate(QUARTERS):
            hours = 10 + (7 * place * place + 3 * number * (place + 1)) % 11
            for step in range(3):
                name = f"{month[:5]}{int(month[5:]) + step:02d}"
                delivered(company, segment, f"{name}-10", hours, amount=25 * hours + 40 * place + 15 * number)
    hours_of: dict[str, int] = {}
    for row in company.exports["templates/service_deliveries"]:
        hours_of[row["delivered_date"][:7]] = hours_of.get(row["delivered_date"][:7], 0) + row["hours"]
    for month, hours in hours_of.items():
        cost(company, month, "professional_services", 10 * hours)
    # Of 24 customers that used a service in the year to April 2024 and 24 that did not, a third of each leaves by a quarter of what it pays.
    for number in range(48):
        name = f"z{number:02d}"
        company.customer(name, segment="Same")
        if number % 3 == 0:
            company.line(name, "2022-01-01", "2024-06-01", 100).line(name, "2024-06-01", None, 75)
        else:
            company.line(name, "2022-01-01", None, 100)
        if number % 2:
            delivered(company, name, "2023-08-10", amount=10)
    # Offers: one of two silos with a full-time manager, one of nobody, one that was retired in April 2025.
    for offer, line, manager, retired, value in (
        ("OF-1", "support", "M1", None, "true"), ("OF-2", "success", None, None, "false"), ("OF-3", "education", "M1", "2025-04-30", None),
    ):  # fmt: skip
        company.add(
            "service_offers", offer_id=offer, offer_name=offer, service_line=line, is_paid="true", manager_id=manager,
            is_manager_dedicated="true", launched_date="2024-05-31" if offer == "OF-1" else "2020-01-01", retired_date=retired,
            has_value_statement=value, is_attachable_standard=str(offer == "OF-2").lower(), list_annual_amount=120, currency="USD",
        )  # fmt: skip
    for number, (attribute, value) in enumerate(
        (("silo", "support"), ("silo", "success"), ("attaches_to_family", "Core"))
    ):
        company.add(
            "offer_attributes", attribute_id=f"T{number}", offer_id="OF-1", attribute=attribute, value=value
        )
    company.add(
        "offer_reviews", review_id="V", offer_id="OF-1", review_date="2025-05-11", review_kind="review"
    )
    delivered(company, "North", "2025-05-10", amount=900, offer_id="OF-1", service_line="support")
    delivered(company, "North", "2025-05-10", amount=100, offer_id="OF-2", service_line="success")
    for manager, fte, goals in (("M1", 0.5, ("sale", "renewal")), ("M2", 1, ("sale",))):
        company.add("portfolio_managers", manager_id=manager, valid_from="2024-01-01", fte=fte)
        for goal in goals:
            company.add(
                "portfolio_goals",
                manager_id=manager,
                goal=goal,
                period_month="2025-05-01",
                target_amount=1000,
            )
    for number, (kind, net, offer) in enumerate(
        (("new", 300, "OF-1"), ("renewal", 800, "OF-1"), ("new", 5000, "OF-2"))
    ):
        company.add(
            "opportunities", opportunity_id=f"O{number}", account_id="North", close_date="2025-05-20", opportunity_type=kind, is_won="true",
            amount=0, currency="USD",
        )  # fmt: skip
        company.add(
            "opportunity_lines",
            opportunity_line_id=f"L{number}",
            opportunity_id=f"O{number}",
            product_id="work",
            offer_id=offer,
            net_amount=net,
            annual_amount=net,
        )
    return company


@pytest.fixture(scope="module")
def earning(build: Builder) -> Warehouse:
    return build(earning_company(), only=MARTS)


@pytest.fixture(scope="module")
def panel(build: Builder) -> Warehouse:
    return build(panel_company(), only=MARTS)


def test_revenue_is_earned_by_day_by_delivery_or_by_invoice(earning: Warehouse) -> None:
    found = {
        (customer[-1], str(month)[:7], line): (recognition, amount)
        for customer, month, line, recognition, amount in earning.rows(
            "select customer_id, month_end, service_line, recognition, sum(amount) from marts.fct_recognised_revenue_months"
            " where month_end <= date '2025-05-31' group by all"
        )
    }  # fmt: skip
    assert found == {
        ("R", "2025-04", "support"): ("by_day", 15),
        ("R", "2025-05", "support"): ("by_day", 31),
        ("R", "2025-04", "professional_services"): ("by_delivery", 300),
        ("R", "2025-05", "professional_services"): (
            "by_delivery",
            450 + 150 + 2 * 200,
        ),  # and nothing for what is free
        ("R", "2025-05", "education"): ("by_delivery", 150),
        ("S", "2025-04", "professional_services"): ("by_invoice", 700),
        ("R", "2025-04", "product"): ("by_invoice", 1000),
        ("T", "2025-04", "product"): ("by_contract", 310 * 15 / 30),
        ("T", "2025-05", "product"): ("by_contract", 310),
    }


def test_cost_is_loaded_allocated_and_nothing_of_it_is_lost(earning: Warehouse) -> None:
    rows = earning.rows(
        "select service_line, customer_id = 'unallocated', sum(cost_amount), sum(overhead_cost_amount), sum(investment_cost_amount)"
        " from marts.fct_service_profit_months where month_end = date '2025-05-31' and cost_amount <> 0 group by all order by all"
    )
    # 32 of tools on 100 of support and 60 of work: 20 and 12, nobody's. The hours of work were all R's.
    assert rows == [
        ("professional_services", False, 60, 0, 20),
        ("professional_services", True, 12, 12, 0),
        ("support", True, 100 + 20, 20, 0),
    ]
    assert earning.value("service_delivery_cost", "month", "2025-05-31") == 70 + 30 + 40 + 20 + 32
    # What is earned without a cost on record (education 150) is in revenue, and not in the margin.
    assert earning.value("service_direct_revenue", "month", "2025-05-31") == 31 + 1000 + 150
    assert earning.value("service_contribution", "month", "2025-05-31") == 31 + 1000 - 192
    assert earning.value("service_margin", "month", "2025-05-31") == six((31 + 1000 - 192) / 1031)
    assert earning.value("service_revenue_share", "month", "2025-05-31") == six(1181 / (1181 + 310))


def test_a_service_has_a_hand_in_sales_within_180_days(earning: Warehouse) -> None:
    assert earning.rows(
        "select split_part(opportunity_key, ':', 2), service_line, influenced_amount, split_amount from marts.fct_influenced_sales order by all"
    ) == [
        # Work and a course before O1: full credit for each, half of it in the split.
        ("O1", "education", 600, 300),
        ("O1", "professional_services", 600, 300),
        ("O3", "none", 0, 0),
    ]
    assert earning.value("service_influenced_revenue", "month", "2025-05-31") == 600
    assert earning.rows(
        "select dimension, member, value from marts.fct_metric_values where metric_key = 'service_influenced_revenue'"
        " and period_grain = 'month' and period_end = date '2025-05-31' and value > 0 and dimension like '%service_line' order by all"
    ) == [
        ("service_line", "education", 600),
        ("service_line", "professional_services", 600),
        ("split_service_line", "education", 300),
        ("split_service_line", "professional_services", 300),
    ]


def test_the_next_dollar_brings_the_slope_of_the_panel(panel: Warehouse) -> None:
    # 25 an hour for 10 an hour, whatever the levels of segments and quarters are.
    slope, low, high, cells, degrees, verdict = panel.one(
        "select slope, ci_low, ci_high, n, degrees_of_freedom, verdict from marts.fct_marginal_service_revenue"
        " where revenue = 'direct' and period_end = date '2025-03-31'"
    )
    # The segment Same has no cost in most quarters, but customers: a cell of zeros in all of them.
    assert (float(slope), float(low), float(high)) == pytest.approx((2.5, 2.5, 2.5), abs=0.02) or cells == 36
    assert verdict == "supported" and degrees == cells - cells // 9 - 9
    assert panel.rows(
        "select low_amount, mid_amount, high_amount from marts.fct_service_scenarios where revenue = 'direct' and period_end = date '2025-03-31'"
    ) == [(low, slope, high)]
    # Seven quarters are too few, and no number is shown.
    assert panel.rows(
        "select slope, verdict from marts.fct_marginal_service_revenue where revenue = 'direct' and period_end = date '2024-09-30'"
    ) == [(None, "insufficient_evidence")]


def test_an_effect_of_nothing_is_not_sold_as_revenue(panel: Warehouse) -> None:
    row = panel.row("service_retention_uplift", "t12m", "2025-04-30")
    assert row["verdict"] == "not_supported"
    assert abs(row["value"]) < Decimal("0.001")  # quartiles split the two groups a little unevenly
    assert row["ci_low"] < 0 < row["ci_high"]
    returned = panel.rows(
        "select distinct round(value, 6) from marts.fct_metric_values where metric_key = 'service_roi' and period_grain = 't12m'"
        " and period_end = date '2025-03-31'"
    )
    assert len(returned) == 1  # with and without indirect revenue


def test_what_services_keep_is_told_apart_from_chance(build: Builder) -> None:
    """Of 20 treated one leaves, of 20 others eleven: 0.95 − 0.45."""
    company = Company()
    for number in range(40):
        name, is_treated = f"c{number:02d}", number % 2 == 0
        leaves = number == 0 if is_treated else number < 22
        company.customer(name, segment="A").line(
            name, "2022-01-01", "2024-09-01" if leaves else None, 100, is_cancelled=str(leaves).lower()
        )
        if is_treated:
            delivered(company, name, "2024-03-10", 1, amount=50)
    cost(company, "2024-03", "professional_services", 800)
    delivered(company, "c00", "2023-01-10", 1, amount=0)  # so that the year before is on record
    for month in ("2024-10", "2025-06"):  # so that the exports are of today, two of them
        cost(company, month, "professional_services", 1)
        delivered(company, "c02", f"{month}-10", 1, amount=0)
    marts = build(company, only=("fct_metric_values",))
    row = marts.row("service_retention_uplift", "t12m", "2025-04-30")
    assert (row["value"], row["n"], row["verdict"]) == (six("0.5"), 20, "supported")
    assert marts.value("service_indirect_revenue", "t12m", "2025-04-30") == 0.5 * 12 * 100 * 20
    assert marts.value("retained_arr_per_service_dollar", "t12m", "2025-04-30") == Decimal(12000) / 800


#: Key → grain, numerator, denominator, value at the end of May 2025.
PORTFOLIO = {
    "portfolio_silo_span": ("month", 2, None, 2),  # support and success
    "cross_silo_offer_share": ("month", 1, 2, 0.5),
    "portfolio_owner_coverage": ("month", 1, 2, 0.5),
    "offer_value_statement_coverage": ("month", 1, 2, 0.5),
    "offer_review_recency": ("month", 20 + 1977, 2, 998.5),  # 2025-05-11, and never since 2020-01-01
    "new_offer_revenue_share": ("month", 900, 1000, 0.9),
    "service_revenue_per_pm": ("month", 900, 1.5, 600),
    "offerings_per_pm": ("month", 1, 1.5, 0.666667),
    "portfolio_complexity_per_pm": ("month", 1 + 1, 1.5, 1.333333),  # an offer, a family, no region
    "portfolio_goal_coverage": ("month", 1, 2, 0.5),
    "portfolio_sale_goal_attainment": ("month", 300, 2000, 0.15),
    "portfolio_renewal_goal_attainment": ("month", 800, 1000, 0.8),
}


@pytest.mark.parametrize("key", PORTFOLIO)
def test_portfolio_at_the_end_of_may(panel: Warehouse, key: str) -> None:
    grain, *expected = PORTFOLIO[key]
    row = panel.row(key, grain, "2025-05-31")
    found = [row["numerator"], row["denominator"], row["value"]]
    assert found == [None if number is None else six(number) for number in expected]


def test_retired_offers_and_what_is_left_to_sell(panel: Warehouse) -> None:
    assert panel.value("retired_offer_count", "month", "2025-04-30") == 1
    assert panel.value("retired_offer_count", "month", "2025-05-31") == 0
    # Success is attachable at 120; all but North, three segments and 48 others, pay nothing for it.
    assert panel.value("portfolio_whitespace_arr", "month", "2025-05-31") == 50 * 120


def test_allocated_and_unallocated_are_what_was_booked(panel: Warehouse) -> None:
    booked, shared = panel.one(
        "select (select sum(cost_amount) from intermediate.int_service_cost_months),"
        " (select sum(cost_amount) from marts.fct_service_profit_months)"
    )
    assert booked == shared > 0
