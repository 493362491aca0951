"""Service sales: known answers of every rule, by hand.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse, six

MARTS = ("fct_metric_values", "fct_renewals_calendar", "fct_service_sales", "fct_service_months")


def sale(company: Company, name: str, account: str, day: str, *lines: dict[str, Any], **columns: Any) -> None:
    """A won opportunity with its lines."""
    company.add(
        "opportunities",
        **{"opportunity_id": name, "account_id": account, "close_date": day, "opportunity_type": "new", "is_won": "true", **columns},
    )  # fmt: skip
    for number, line in enumerate(lines):
        company.add("opportunity_lines", opportunity_line_id=f"{name}-{number}", opportunity_id=name, **line)


def core(net: int = 1000, product: str = "core", **columns: Any) -> dict[str, Any]:
    return {"product_id": product, "net_amount": net, **columns}


def support(net: int = 150, **columns: Any) -> dict[str, Any]:
    return {"product_id": "care", "net_amount": net, **columns}


def products(company: Company) -> None:
    for product, family, offer_type, tier in (
        ("core", "Core", "product", 1),
        ("edge", "Edge", "product", 1),
        ("late", "Late", "product", 1),
        ("care", "Care", "support", 1),
        ("plus", "Care", "support", 2),
        ("plan", "Plan", "success", 1),
    ):
        company.add(
            "products", product_id=product, product_family=family, offer_type=offer_type, tier_rank=tier
        )


def catalogue(company: Company) -> None:
    """Care attaches to Core and Edge, Plan to Core; nothing to Late before May 2025."""
    for offer, product, line, level, price in (
        ("OF-care", "care", "support", 1, 200),
        ("OF-plus", "plus", "support", 2, 500),
        ("OF-plan", "plan", "success", None, 300),
    ):
        company.add(
            "service_offers", offer_id=offer, offer_name=product, product_id=product, service_line=line, is_paid="true",
            is_attachable_standard=str(offer != "OF-plus").lower(), service_level_rank=level, list_annual_amount=price,
            created_date="2020-01-01", launched_date="2020-01-01",
        )  # fmt: skip
    for number, (offer, family, start) in enumerate(
        (
            ("OF-care", "Core", ""),
            ("OF-plus", "Core", ""),
            ("OF-care", "Edge", ""),
            ("OF-plan", "Core", ""),
            ("OF-care", "Late", "2025-05-01"),
        )
    ):
        company.add(
            "offer_attributes", attribute_id=number, offer_id=offer, attribute="attaches_to_family", value=family, valid_from=start
        )  # fmt: skip


@pytest.fixture(scope="module")
def attached(build: Builder) -> Warehouse:
    """Sales of 2025, each example with customers of its own segment."""
    company = Company()
    products(company)
    catalogue(company)
    for segment, accounts in {
        "window": ["W"], "same": ["S"], "none": ["N"], "held": ["H"], "early": ["E"], "bundled": ["B"], "families": ["F"],
        "young": ["Y"], "ratio": ["G15"], "renewal": ["R"], "bad": ["B1", "B2", "B3", "B4"],
    }.items():  # fmt: skip
        company.segment_of(segment, *accounts)
    company.line("H", "2024-01-01", "2026-01-01", 10)
    # Two sales and one order of support: it counts with the later one.
    sale(company, "W1", "W", "2025-03-01", core())
    sale(company, "W2", "W", "2025-03-20", core(product="edge"), region="EMEA", channel="partner")
    sale(company, "W3", "W", "2025-03-25", support(), opportunity_type="other")
    sale(company, "S1", "S", "2025-03-05", core(), support(), {"product_id": "plan", "net_amount": 100})
    # The day after the window is too late, and an order before the sale was not for it.
    sale(company, "N1", "N", "2025-03-05", core())
    sale(company, "N2", "N", "2025-04-05", support())
    sale(company, "N3", "N", "2025-03-04", support())
    # More of a family held is no sale of a product; a family without an offer on the day is none either.
    sale(company, "H1", "H", "2025-03-05", core(), support())
    sale(company, "E1", "E", "2025-04-30", core(product="late"))
    sale(company, "E2", "E", "2025-03-05", core(0))
    sale(
        company, "B1o", "B", "2025-03-05", core(), support(0, list_amount=200), support(50, is_bundled="true")
    )
    sale(company, "F1", "F", "2025-03-05", core(), core(500, "edge"), support(300, term_months=24))
    sale(company, "Y1", "Y", "2025-06-01", core(), support())
    sale(company, "G", "G15", "2025-03-05", core(1000), support(150))
    company.add(
        "service_costs",
        cost_id="S",
        period_month="2025-03-01",
        service_line="service_sales",
        amount=50,
        currency="USD",
    )
    sale(company, "R1", "R", "2025-03-05", core(), opportunity_type="renewal")
    # Attached in 2024, due for the first time in April 2025.
    terms: tuple[tuple[str, dict[str, Any], bool], ...] = (
        ("B1", {"is_compulsory": "true"}, False), ("B2", {"has_product_discount": "true"}, True), ("B3", {}, False),
        ("B4", {"is_compulsory": "true"}, True),
    )  # fmt: skip
    for name, flags, renewed in terms:
        sale(company, f"{name}s", name, "2024-04-10", core(), support(**flags))
        company.line(name, "2024-04-15", "2025-04-15", 10, product="care", contract_id=f"{name}a")
        if renewed:
            company.line(name, "2025-04-15", "2026-04-15", 10, product="care", contract_id=f"{name}b")
    return build(company)


def parts(
    house: Warehouse, key: str, segment: str, end: str = "2025-03-31", grain: str = "month"
) -> tuple[Any, Any]:
    row = house.row(key, grain, end, segment)
    return row["numerator"], row["denominator"]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("window", (1, 2)),  # B9.2: 03-01 and 03-20 with one order on 03-25
        ("same", (1, 1)),
        ("none", (0, 1)),
        ("bundled", (0, 1)),
        ("families", (1, 1)),
        ("ratio", (1, 1)),
    ],
)
def test_a_service_attaches_to_one_sale(attached: Warehouse, segment: str, expected: tuple[int, int]) -> None:
    assert parts(attached, "service_attach_rate", segment) == expected


def test_what_is_no_sale_of_a_product_is_not_counted(attached: Warehouse) -> None:
    """More of a family held, families without an offer on the day, nothing to pay, renewals, and sales whose window is open."""
    counted = attached.rows(
        "select distinct member from marts.fct_metric_values where metric_key = 'service_attach_rate' and dimension = 'segment'"
        " and denominator > 0"
    )
    assert {segment for (segment,) in counted} == {
        "window",
        "same",
        "none",
        "bundled",
        "families",
        "ratio",
        "bad",
    }
    assert (
        attached.one("select is_mature from marts.fct_service_sales where sale_key = 'templates:Y1'") is False
    )


@pytest.mark.parametrize(
    ("key", "dimension", "member", "expected"),
    [
        # W1 and W2, S, N, B, F and G: attached are W2, S, F and G
        ("service_attach_rate", "all", "all", (4, 7)),
        # the region and channel of the sale of products
        ("service_attach_rate", "region", "EMEA", (1, 1)),
        ("service_attach_rate", "channel", "partner", (1, 1)),
        ("service_attach_rate", "region_channel", "EMEA|partner", (1, 1)),
        # a sale counts in each family that it contains
        ("service_attach_rate", "product_family", "Edge", (2, 2)),
        ("service_attach_rate", "product_family", "Core", (3, 6)),
        ("service_attach_rate", "service_line", "success", (1, 7)),
        ("service_attach_rate", "service_line", "support", (4, 7)),
        ("service_attach_rate", "tenure_band", "<1", (4, 7)),
        # 150 + 250 + 150 (of two years) + 150 of 500 each; 200 for W2, for Edge has no plan
        ("service_attach_value_rate", "all", "all", (700, 6 * 500 + 200)),
        # 6 × 1000, the Edge of W2 and of F
        ("service_attach_ratio", "all", "all", (700, 6 * 1000 + 1000 + 500)),
    ],
)
def test_attach_by_what_was_sold(
    attached: Warehouse, key: str, dimension: str, member: str, expected: tuple[int, int]
) -> None:
    found = attached.one(
        "select numerator, denominator from marts.fct_metric_values where metric_key = ? and period_grain = 'month'"
        " and period_end = date '2025-03-31' and dimension = ? and member = ?",
        key, dimension, member,
    )  # fmt: skip
    assert found == expected


def test_services_are_fifteen_hundredths_of_the_products(attached: Warehouse) -> None:
    """G15."""
    assert attached.value("service_attach_ratio", "month", "2025-03-31", "ratio") == six("0.15")


def test_bad_attach_is_forced_or_bought_and_dropped_at_the_first_renewal(attached: Warehouse) -> None:
    """By the month of the first due date; what was neither, or was renewed, is no bad one."""
    assert parts(attached, "bad_attach_rate", "bad", "2025-04-30") == (1, 4)


def test_selling_costs_five_hundredths_of_what_is_booked(attached: Warehouse) -> None:
    """Orders, attached or not: six of 150 a year and a plan of 100."""
    row = attached.row("service_sales_cost_ratio", "month", "2025-03-31")
    assert (row["numerator"], row["denominator"], row["value"]) == (50, 1000, six("0.05"))


@pytest.fixture(scope="module")
def held(build: Builder) -> Warehouse:
    """Services held from May 2024 to May 2025, each example with customers of its own segment."""
    company = Company()
    products(company)
    catalogue(company)

    def holds(
        account: str, start: str, end: str | None, mrr: int, product: str = "care", **columns: Any
    ) -> None:
        company.line(
            account, start, end, mrr, product=product, line_type={"core": None, "plan": "success"}.get(product, "support"), **columns
        )  # fmt: skip

    company.segment_of("upgrade", "U1", "U2", "U3", "U4")
    for account in ("U1", "U2", "U3", "U4"):
        holds(account, "2023-01-01", "2024-12-01" if account == "U3" else None, 100, "core")
    holds("U1", "2025-02-01", None, 20, "plus")
    holds("U4", "2023-02-01", None, 20)
    # A success plan is a service, but no level.
    holds("U2", "2025-02-01", None, 20, "plan")

    company.segment_of("bridge", "X", "Y", "A", "R", "C", "D")
    holds("X", "2023-06-01", "2025-01-01", 10)
    holds("X", "2025-01-01", None, 15)
    holds("Y", "2023-06-01", "2025-01-01", 20, cancel_requested_date="2024-12-01")
    holds("A", "2025-03-01", None, 5)
    holds("R", "2023-01-01", "2023-10-01", 10, cancel_requested_date="2023-09-01")
    holds("R", "2025-01-01", None, 10)
    holds("C", "2023-06-01", "2025-01-01", 30)
    holds("C", "2025-01-01", None, 20)
    holds("D", "2023-06-01", None, 100, "core")

    company.segment_of("renewals", "M", "N")
    for account, number, end, successor in (
        ("M", 1, "2025-03-15", True),
        ("M", 2, "2025-03-20", False),
        ("N", 1, "2025-03-15", False),
    ):
        product = "core" if number == 1 else "care"
        name = f"{account}{number}"
        holds(
            account,
            "2024-03-15",
            end,
            10,
            product,
            contract_id=name,
            cancel_requested_date=None if successor else "2025-01-01",
        )
        if successor:
            holds(
                account, end, "2026-03-15", 10, product, contract_id=f"{name}b", renewal_of_contract_id=name
            )

    company.segment_of("winback", "V1", "V2", "V3", "V4")
    for account, end, again in (
        ("V1", "2024-01-01", "2025-05-10"), ("V2", "2024-06-01", None), ("V3", "2023-04-30", None), ("V4", "2025-04-10", "2025-05-01"),
    ):  # fmt: skip
        holds(
            account,
            "2022-01-01",
            end,
            10,
            contract_id=account,
            cancel_requested_date=None if account == "V4" else "2023-01-01",
        )
        if again:
            holds(account, again, "2026-05-01", 10, contract_id=f"{account}b")

    company.segment_of("calendar", "K", "L")
    for account, mrr in (("K", 10), ("L", 20)):
        holds(account, "2024-08-16", "2025-08-16", mrr, contract_id=account)
    company.add("risk_records", risk_id="L", account_id="L", risk_type="churn", opened_date="2025-05-10")
    return build(company)


def test_upgrades_leave_what_the_subscription_includes(held: Warehouse) -> None:
    """U1 of U1, U2 and U3, who left; U4 was above already."""
    assert parts(held, "service_level_upgrade_rate", "upgrade", "2025-05-31", "t12m") == (1, 3)
    assert parts(held, "service_level_above_base_share", "upgrade", "2025-05-31") == (2, 3)


def test_customers_that_lost_services_stay_in_the_denominator_of_expansion(held: Warehouse) -> None:
    """X grows by 60; X 120, Y 240 and C 360 at the opening."""
    assert parts(held, "service_expansion_rate", "bridge", "2025-05-31", "t12m") == (60, 720)


def test_the_bridge_by_hand(held: Warehouse) -> None:
    found = dict(
        held.rows(
            "select movement, sum(abs(closing_service_amount - opening_service_amount)) from marts.fct_service_windows"
            " inner join marts.dim_customers using (customer_id) where segment = 'bridge' and period_grain = 't12m'"
            " and period_end = date '2025-05-31' and movement <> 'unchanged' group by all"
        )
    )
    assert found == {"attached": 60, "reinstated": 120, "expanded": 60, "contracted": 120, "lost": 240}
    for key in ("attached", "reinstated", "expanded", "contracted", "lost"):
        assert held.value(f"service_arr_{key}", "t12m", "2025-05-31", "bridge") == found[key]


def test_customers_under_contract_hold_what_they_pay_for(held: Warehouse) -> None:
    """X, A, R and C of five; Y is gone, D has the product alone."""
    row = held.row("customers_under_service_contract", "month", "2025-05-31", "bridge")
    assert (row["value"], row["denominator"]) == (4, 5)
    assert held.value("service_contract_coverage_rate", "month", "2025-05-31", "bridge") == six("0.8")
    # X 23 months, A 2, R 28 since the first one, C 23
    assert parts(held, "service_relationship_tenure_months", "bridge", "2025-05-31") == (76, 4)


def test_a_customer_renews_where_one_of_its_contracts_is_renewed(held: Warehouse) -> None:
    assert parts(held, "customer_renewal_rate", "renewals") == (1, 2)
    assert parts(held, "contract_renewal_rate", "renewals") == (1, 3)


def test_won_back_is_what_had_lapsed_before_the_period(held: Warehouse) -> None:
    """V1 of V1 and V2: V3 lapsed too long ago, V4 came back within the grace."""
    assert parts(held, "winback_rate", "winback", "2025-05-31") == (1, 2)


def test_the_calendar_tells_what_is_open_and_what_of_it_at_risk(held: Warehouse) -> None:
    found = held.one(
        "select due_count, available_amount, booked_amount, open_amount, at_risk_amount, lost_amount from marts.fct_renewals_calendar"
        " where month_end = date '2025-08-31' and contract_kind = 'service'"
    )
    assert found == (2, 360, 0, 120, 240, 0)
