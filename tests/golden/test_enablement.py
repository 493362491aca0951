"""Reps, the catalogue of services, value and price: known answers of every rule, by hand, in one company.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0). Everything is read at the end of May 2025.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six

T = "2025-05-31"


def numbered(company: Company, table: str, key: str, **columns: Any) -> None:
    """A row with an id that counts up."""
    company.add(table, **{key: f"{key}-{len(company.exports.get(f'templates/{table}', ()))}"}, **columns)


def module(company: Company, rep: str, name: str, topic: str, mode: str, **dates: str | None) -> None:
    numbered(
        company, "rep_modules", "assignment_id", rep_id=rep, module=name, topic=topic, mode=mode, **dates
    )


def taught(company: Company, rep: str, first: str, second: str | None, due: str = "2024-09-01") -> None:
    """The curriculum: two modules."""
    assigned = "2024-07-01"
    module(
        company,
        rep,
        "m1",
        "offerings",
        "classroom",
        assigned_date=assigned,
        due_date="2024-09-01",
        completed_date=first,
    )
    module(
        company,
        rep,
        "m2",
        "value_proposition",
        "virtual",
        assigned_date=assigned,
        due_date=due,
        completed_date=second,
    )


def took_test(company: Company, rep: str, day: str, passed: bool) -> None:
    numbered(company, "rep_tests", "test_id", rep_id=rep, tested_date=day, is_passed=str(passed).lower())


def offer(company: Company, offer_id: str, attributes: dict[str, tuple[str, ...]], **columns: Any) -> None:
    row = {
        "offer_name": offer_id, "service_line": "support", "has_description": "true", "has_price": "true", "has_deliverables": "true",
        "manager_id": "M", "created_date": "2024-01-01", "changed_date": "2024-01-01",
    }  # fmt: skip
    company.add("service_offers", **{"offer_id": offer_id, **row, **columns})
    for attribute, values in attributes.items():
        for value in values:
            numbered(
                company,
                "offer_attributes",
                "attribute_id",
                offer_id=offer_id,
                attribute=attribute,
                value=value,
            )


def deal(
    company: Company, account: str, rep: str, day: str, product: str, kind: str = "new", **amounts: Any
) -> None:
    number = f"D{len(company.exports.get('templates/opportunities', ()))}"
    company.add(
        "opportunities", opportunity_id=number, account_id=account, close_date=day, opportunity_type=kind, rep_id=rep, is_won="true",
        is_closed="true",
    )  # fmt: skip
    company.add(
        "opportunity_lines", opportunity_line_id=number, opportunity_id=number, product_id=product, **amounts
    )


def add_reps(company: Company) -> None:
    for rep, party, region in (
        ("R1", "direct", "EMEA"), ("R2", "partner", "APAC"), ("R3", "direct", "EMEA"), ("R4", "direct", "EMEA"), ("R5", "partner", "EMEA"),
    ):  # fmt: skip
        company.add("reps", rep_id=rep, party=party, region=region)
    company.add("reps", rep_id="gone", party="direct", region="EMEA", ended_date=T)
    company.add("reps", rep_id="other", party="direct", region="EMEA", sells_services="false")
    # R1 is qualified to the last day of May: the test of 1 June 2024 counts for twelve months.
    taught(company, "R1", "2024-08-10", "2024-08-15")
    took_test(company, "R1", "2024-06-01", True)
    module(company, "R1", "news", "updates", "live", completed_date="2024-12-02")  # 180 days ago: out
    # The test of R2 is of a day too early, and a module came too late.
    taught(company, "R2", "2024-08-15", "2025-06-01")
    took_test(company, "R2", "2024-05-31", True)
    # R3 has passed, but not completed everything; what is due in June is not due yet.
    taught(company, "R3", "2024-08-15", None, due="2025-06-01")
    took_test(company, "R3", "2025-01-10", True)
    module(company, "R3", "news", "updates", "live", completed_date="2024-12-03")
    # The newest test of R4 failed.
    taught(company, "R4", "2024-08-15", T)
    took_test(company, "R4", "2025-01-10", True)
    took_test(company, "R4", "2025-03-10", False)
    for rep, day in (("R1", "2025-03-03"), ("R2", "2025-03-02")):
        numbered(company, "catalog_views", "view_id", rep_id=rep, viewed_date=day)
        numbered(
            company,
            "sales_resource_uses",
            "use_id",
            rep_id=rep,
            used_date=day,
            resource_kind="tool",
            resource_id="T",
        )
    for rep, quota, service, product in (("R1", 10_000, 300, 700), ("R2", None, 0, 1_000)):
        numbered(
            company, "rep_quotas", "quota_id", rep_id=rep, period_month="2025-05-01", service_quota_amount=quota,
            service_pay_amount=service, product_pay_amount=product,
        )  # fmt: skip


def add_offers(company: Company) -> None:
    offer(
        company, "O1", {
            "attaches_to_family": ("core",), "licence_model": ("subscription",), "outcome": ("Adoption",),
            "promise": ("fast response", "adoption"),
        }, changed_date="2025-05-01",
    )  # fmt: skip
    # Of O2 it is not known at the end of May what its entry said.
    offer(company, "O2", {"promise": ("fast_response",)}, changed_date="2025-06-01")
    offer(company, "O3", {"outcome": ("success", "migration")}, retired_date=T)
    offer(
        company, "O4", {
            "attaches_to_family": ("core", "server"), "licence_model": ("subscription",),
            "promise": ("fast_response", "current_technology"),
        }, launched_date=T, changed_date="2025-05-11", has_deliverables="false",
    )  # fmt: skip
    for offer_id, day, kind, region in (
        ("O1", "2024-12-03", "price_policy", None),  # 179 days ago, for all regions
        ("O2", "2024-12-02", "price_policy", None),  # 180 days ago: out
        ("O4", "2025-01-01", "price_policy", "EMEA"),
        ("O1", T, "sales_feedback", None), ("O4", "2025-04-30", "sales_feedback", None),
    ):  # fmt: skip
        numbered(
            company,
            "offer_reviews",
            "review_id",
            offer_id=offer_id,
            review_date=day,
            review_kind=kind,
            region=region,
        )


def small_company() -> Company:
    company = Company()
    for product, offer_type, model in (
        ("core", "product", "subscription"), ("server", "product", "perpetual"), ("care", "maintenance", None), ("plan", "support", None),
    ):  # fmt: skip
        company.add(
            "products",
            product_id=product,
            product_name=product,
            product_family=product,
            offer_type=offer_type,
            licence_model=model,
        )
    # G22: list 100,000, net 80,000, support 14,400 a year.
    company.customer("A", segment="G22")
    company.line("A", "2024-05-01", "2025-05-01", 1200, product="care", contract_id="A1")
    company.line("A", "2025-05-01", "2026-05-01", 1200, product="care", contract_id="A2")
    deal(company, "A", "R1", "2024-06-01", "server", net_amount=80_000, list_amount=100_000)
    company.invoice("A", "2024-06-01", 80_000, "one_time", product_id="server", licence_model="perpetual")
    # B subscribes, and bought a service of R1 in May; a renewal is no sale.
    company.customer("B", segment="B").line("B", "2024-06-01", None, 100)
    deal(company, "B", "R1", "2025-05-10", "plan", net_amount=6_000)
    deal(company, "B", "R2", "2025-05-10", "plan", kind="renewal", net_amount=6_000)
    # Twelve contracts of R1 due at the end of March, nine renewed; twelve of R3, six renewed.
    for number in range(24):
        rep, renewed = ("R1", 9) if number < 12 else ("R3", 6)
        account = f"E{number:02}"
        company.customer(account, segment="E")
        company.line(account, "2024-04-01", "2025-04-01", 100, product="plan", contract_id=account)
        deal(company, account, rep, "2024-03-15", "plan", net_amount=1_200)
        if number % 12 < renewed:
            company.line(account, "2025-04-01", "2026-04-01", 100, product="plan", contract_id=f"{account}b")
    add_reps(company)
    add_offers(company)
    for account, product, until in (("A", "x", T), ("A", "y", None), ("B", "x", "2025-06-01")):
        numbered(
            company, "customer_versions", "version_id", account_id=account, product=product, used_from="2024-06-01", current_until=until
        )  # fmt: skip
    for need, day in (
        ("adoption", "2025-01-10"),
        ("Migration", "2024-06-01"),
        ("benchmarks", T[:3] + "4-05-31"),
    ):
        numbered(company, "customer_needs", "need_id", account_id="A", need=need, stated_date=day)
    return company


@pytest.fixture(scope="module")
def small(build: Builder) -> Warehouse:
    return build(small_company())


def shown(
    small: Warehouse, key: str, grain: str = "month", dimension: str = "all", member: str = "all"
) -> Any:
    return small.one(
        "select numerator, denominator from marts.fct_metric_values where metric_key = ? and period_grain = ? and period_end = cast(? as date)"
        " and dimension = ? and member = ?",
        key, grain, T, dimension, member,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "numerator", "denominator"),
    [
        ("curriculum_coverage", 4, 5),  # R5 has none
        ("module_completion_rate", 6, 7),  # 2 of 2, 1 of 2, 1 of 1, 2 of 2
        ("rep_training_recency", 180 + 289 + 179 + 0, 4),
        ("resource_usage_rate", 1, 5),
        ("catalog_reach", 1, 5),
        ("rep_competency_tested_share", 3, 5),
        ("rep_pass_rate", 2, 3),
        ("rep_fully_qualified_share", 1, 5),
        ("value_proposition_trained_share", 2, 5),
        ("rep_training_participation_rate", 2, 5),
        ("rep_service_quota_coverage", 1, 5),
        ("catalog_completeness", 1, 2),  # O1, not O4; of O2 nothing is known yet
        (
            "offer_license_alignment_rate",
            1,
            2,
        ),  # O4 is silent on perpetual licences, and O2 attaches to nothing
        ("offer_outcome_coverage", 1, 3),
        ("reactive_only_offer_share", 2, 3),
        ("price_policy_catalog_coverage", 3, 6),  # O1 in both regions, O4 in EMEA
        ("unmet_service_need_share", 1, 2),  # the offer for migration is retired
        ("version_currency_share", 1, 2),
    ],
)
def test_balances_at_the_end_of_may(small: Warehouse, key: str, numerator: int, denominator: int) -> None:
    assert shown(small, key) == (numerator, denominator)


@pytest.mark.parametrize(
    ("key", "dimension", "member", "numerator", "denominator"),
    [
        ("rep_fully_qualified_share", "party", "direct", 1, 3),
        ("rep_fully_qualified_share", "region", "APAC", 0, 1),
        ("module_completion_rate", "topic", "value_proposition", 2, 3),
        ("rep_training_participation_rate", "mode", "live", 1, 5),
        ("rep_training_recency", "mode", "classroom", 294 + 3 * 289, 4),
        ("price_policy_catalog_coverage", "region", "APAC", 1, 3),
        ("unmet_service_need_share", "need", "migration", 1, 1),
        ("service_demand_by_license_model", "licence_model", "perpetual", 1, 1),
        ("service_demand_by_license_model", "licence_model_service_line", "subscription_support", 0, 1),
        ("support_price_pct_of_license", "support_tier", "maintenance", 14_400, 80_000),
    ],
)
def test_members_at_the_end_of_may(
    small: Warehouse, key: str, dimension: str, member: str, numerator: int, denominator: int
) -> None:
    assert shown(small, key, "month", dimension, member) == (numerator, denominator)


def test_support_costs_18_percent_of_the_net_and_14_4_of_the_list_price(small: Warehouse) -> None:
    assert small.value("support_price_pct_of_license", "month", T, "G22") == six("0.18")
    assert small.value("support_price_pct_of_list_license", "month", T, "G22") == six("0.144")


def test_what_reps_sold_in_may(small: Warehouse) -> None:
    assert shown(small, "reps_selling_services_share") == (1, 5)
    assert shown(small, "service_quota_attainment") == (6_000, 10_000)
    assert shown(small, "service_incentive_share") == (300, 2_000)
    assert shown(small, "sales_feedback_rate") == (1, 3)
    # A year: who left meanwhile counts no more, and the month with a quota is one.
    assert shown(small, "service_quota_attainment", "t12m") == (6_000, 10_000)
    assert shown(small, "sales_feedback_rate", "t12m") == (2, 3)


def test_the_age_of_catalogue_entries_is_the_median_of_those_known(small: Warehouse) -> None:
    found = small.row("catalog_freshness_days", "month", T)
    assert (found["value"], found["n"], found["coverage"]) == (25, 2, six("0.666667"))  # 30 and 20 days


def test_contracts_are_of_the_rep_as_qualified_on_the_day_they_fall_due(small: Warehouse) -> None:
    members = {
        member: shown(small, "rep_contract_renewal_rate", "t12m", "rep_status", member)
        for member in ("qualified", "not_qualified")
    }
    assert members == {"qualified": (9 + 1, 12 + 1), "not_qualified": (6, 12)}
    assert shown(small, "renewal_rate_by_support_price_band", "t12m", "support_price_band", "lower") == (1, 1)
    assert shown(small, "renewal_by_value_reinforcement", "t12m", "value_band", "unknown") == (16, 25)


def test_the_effect_of_competency_is_the_difference_within_a_segment(small: Warehouse) -> None:
    """Segment E: 0.75 − 0.5; the one contract of G22 has nothing to be compared with.

    var = 12 · 0.75 · 0.25 ÷ 11 = 0.204545, s² = 12 · 0.25 ÷ 11 = 0.272727, se = √(0.204545 ÷ 12 + 0.272727 ÷ 12) = 0.199431; 1.959964 · se = 0.390878.
    """
    found = small.row("renewal_by_rep_competency", "t12m", T)
    assert (found["value"], found["n"], found["verdict"]) == (six("0.25"), 12, "not_supported")
    assert found["coverage"] == six(Decimal(12) / 13)
    assert (found["ci_low"], found["ci_high"]) == (six("-0.140878"), six("0.640878"))
