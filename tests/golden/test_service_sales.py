"""Service sales: known answers of every rule, by hand.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0) unless a test says otherwise.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.warehouse import Builder, Company, Warehouse

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
    sale(company, "R1", "R", "2025-03-05", core(), opportunity_type="renewal")
    # Attached in 2024, due for the first time in April 2025.
    for name, flags, renewed in (
        ("B1", {"is_compulsory": "true"}, False), ("B2", {"has_product_discount": "true"}, True), ("B3", {}, False),
        ("B4", {"is_compulsory": "true"}, True),
    ):  # fmt: skip
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
