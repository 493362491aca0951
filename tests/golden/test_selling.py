"""Selling services: known answers of every rule, by hand.

Settings: clarifications A (as of 2025-06-30, min_denominator 1, min_coverage 0). All cases stand in one company, apart by month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.golden.warehouse import SETTINGS, Company, six

MAY = "2025-05-31"


def quote(
    company: Company,
    quote_id: str,
    account: str,
    created: str,
    *lines: tuple[str, float, float],
    **columns: Any,
) -> None:
    """A version of a quote with lines of product, list and net."""
    company.add("quotes", quote_id=quote_id, account_id=account, created_at=created, **columns)
    for number, (product, listed, net) in enumerate(lines):
        company.add(
            "quote_lines", quote_line_id=f"{quote_id}-{number}", quote_id=quote_id, product_id=product, list_amount=listed, net_amount=net,
            is_custom="true" if product == "PS" else "false", is_bundle="true" if product == "PS" else "false",
        )  # fmt: skip


def approval(
    company: Company, quote_id: str, submitted: str, decided: str | None, decision: str | None, **columns: Any
) -> None:
    number = len(company.exports.get("templates/quote_approvals", ()))
    company.add(
        "quote_approvals", approval_id=f"AP{number}", quote_id=quote_id, submitted_at=submitted, decided_at=decided, decision=decision,
        **{"is_automatic": "false", "is_exception": "false", **columns},
    )  # fmt: skip


def deal(
    company: Company, key: str, account: str, closed: str | None, won: bool | None, **columns: Any
) -> None:
    company.add(
        "opportunities", opportunity_id=key, account_id=account, is_won="true" if won else "false",
        is_closed="false" if won is None else "true", close_date=closed or "2025-09-30",
        **{"opportunity_type": "expansion", "created_date": "2025-04-21", "amount": 1000, **columns},
    )  # fmt: skip


def booking(company: Company, key: str, day: str, amount: float, **columns: Any) -> None:
    company.add("bookings", booking_id=key, account_id="A", booked_date=day, booked_amount=amount, **columns)


def use(company: Company, key: str, kind: str, name: str, day: str, value: bool = False) -> None:
    number = len(company.exports.get("templates/sales_resource_uses", ()))
    company.add(
        "sales_resource_uses", use_id=f"U{number}", opportunity_id=key, rep_id="R1", resource_kind=kind, resource_id=name,
        is_value_asset="true" if value else "false", used_date=day,
    )  # fmt: skip


def quoted_company() -> Company:
    company = Company()
    for account, region in (("A", "EMEA"), ("B", "APAC"), ("C", "Americas")):
        company.customer(account, region=region).line(account, "2023-01-01", None, 100)
    for product, offer_type in (("SUP", "support"), ("PS", "professional_services"), ("core", "product")):
        company.add(
            "products",
            product_id=product,
            product_name=product,
            product_family=product,
            offer_type=offer_type,
        )
    for key, place, line, limit, first in (
        ("P1", "EMEA", None, "0.20", "2024-01-01"),
        ("P2", "APAC", None, "0.30", "2024-01-01"),
        ("P3", "APAC", None, "0.20", "2025-05-01"),  # the newest holds
        ("P4", None, None, "0.10", "2024-01-01"),  # of who has no limit of his own
        ("P5", "EMEA", "professional_services", "0.05", "2024-01-01"),  # the more exact one holds
    ):
        company.add(
            "sales_policies", policy_id=key, region=place, service_line=line, max_discount=limit, valid_from=first, recorded_date=first
        )  # fmt: skip
    # O1: two versions, the second accepted ten days after the first was made; 20 % off, as much as policy allows (G22).
    deal(company, "O1", "A", "2025-05-11", True)
    quote(
        company, "Q1", "A", "2025-05-01 10:00:00", ("SUP", 1000, 850), opportunity_id="O1", is_primary="false",
        configured_at="2025-05-01 22:00:00", proposal_at="2025-05-02 22:00:00", presented_at="2025-05-03 10:00:00",
        is_proposal_automated="true", is_guided="false",
    )  # fmt: skip
    quote(
        company, "Q1b", "A", "2025-05-05 10:00:00", ("SUP", 1000, 800), opportunity_id="O1", is_primary="true",
        accepted_at="2025-05-11 10:00:00", is_guided="true", is_on_demand="false", is_on_platform="true", has_custom_sow="false",
        is_esigned="true", is_proposal_automated="true",
    )  # fmt: skip
    booking(
        company,
        "B1",
        "2025-05-14",
        800,
        opportunity_id="O1",
        source_quote_id="Q1b",
        scheduled_date="2025-05-20",
    )
    # O2: a quarter off, decided by a person: Friday 16:00 to Monday 10:00 are two hours of business. Keyed in at another amount.
    deal(company, "O2", "B", "2025-05-06", True)
    quote(
        company, "Q2", "B", "2025-05-02 09:00:00", ("SUP", 1000, 750), opportunity_id="O2", accepted_at="2025-05-06 09:00:00",
        is_guided="false", is_on_demand="false", is_on_platform="false", has_custom_sow="false", is_esigned="false",
    )  # fmt: skip
    approval(company, "Q2", "2025-05-02 16:00:00", "2025-05-05 10:00:00", "approved")
    booking(company, "B2", "2025-05-07", 760, opportunity_id="O2")
    # O3: 30 % off by way of an approved exception: Saturday to Monday 09:30 is half an hour. Put right nine days later.
    deal(company, "O3", "C", "2025-05-13", True)
    quote(
        company, "Q3", "C", "2025-05-09 09:00:00", ("PS", 1000, 700), opportunity_id="O3", accepted_at="2025-05-13 09:00:00",
        is_guided="true", is_on_demand="true", is_on_platform="true", has_custom_sow="true", is_esigned="true",
    )  # fmt: skip
    approval(company, "Q3", "2025-05-10 12:00:00", "2025-05-12 09:30:00", "approved", is_exception="true")
    booking(
        company,
        "B3",
        "2025-05-14",
        700,
        opportunity_id="O3",
        source_quote_id="Q3",
        corrected_date="2025-05-22",
    )
    # O4: approved by a rule, accepted as it was first presented; a product on the same quote is no service. 6 % off is too much for PS.
    deal(company, "O4", "A", "2025-05-20", True)
    quote(
        company, "Q4", "A", "2025-05-18 09:00:00", ("PS", 1000, 940), ("core", 5000, 100), opportunity_id="O4",
        presented_at="2025-05-18 12:00:00", accepted_at="2025-05-20 09:00:00", is_guided="true", is_on_demand="true",
        is_on_platform="true", has_custom_sow="false", is_esigned="true",
    )  # fmt: skip
    approval(company, "Q4", "2025-05-18 09:00:00", "2025-05-18 09:00:00", "approved", is_automatic="true")
    booking(company, "B4", "2025-05-21", 1040, opportunity_id="O4", source_quote_id="Q4")
    # O5: approved by one, then rejected by another: the last word counts. O6: recalled, so nobody decided.
    deal(company, "O5", "A", "2025-05-22", False, loss_reason="Too expensive")
    quote(
        company, "Q5", "A", "2025-05-04 09:00:00", ("SUP", 1000, 100), opportunity_id="O5", is_guided="false"
    )
    approval(company, "Q5", "2025-05-05 09:00:00", "2025-05-05 11:00:00", "approved")
    approval(company, "Q5", "2025-05-05 09:00:00", "2025-05-07 09:00:00", "rejected")
    deal(company, "O6", "A", "2025-05-23", False, loss_reason="They like the colour of another")
    quote(company, "Q6", "A", "2025-05-04 09:00:00", ("SUP", 1000, 900), opportunity_id="O6")
    approval(company, "Q6", "2025-05-05 09:00:00", "2025-05-06 09:00:00", "recalled")
    # O7: one request is pending. Q8: no service.
    deal(company, "O7", "A", None, None)
    quote(company, "Q7", "A", "2025-05-04 09:00:00", ("SUP", 1000, 900), opportunity_id="O7")
    approval(company, "Q7", "2025-05-05 09:00:00", "2025-05-06 09:00:00", "approved")
    approval(company, "Q7", "2025-05-05 09:00:00", None, None)
    quote(company, "Q8", "A", "2025-05-04 09:00:00", ("core", 1000, 500), accepted_at="2025-05-05 09:00:00")
    for key, stage, day in (
        ("O1", "Qualification", "2025-05-01"), ("O1", "Proposal/Price Quote", "2025-05-03"), ("O1", "Closed Won", "2025-05-11"),
        ("O5", "Prospecting", "2025-05-02"), ("O5", "Needs Analysis", "2025-05-03"), ("O5", "Closed Lost", "2025-05-22"),
        ("O7", "Qualification", "2025-05-04"),
    ):  # fmt: skip
        number = len(company.exports.get("templates/opportunity_stages", ()))
        company.add(
            "opportunity_stages",
            stage_entry_id=f"S{number}",
            opportunity_id=key,
            stage=stage,
            entered_date=day,
        )
    use(company, "O1", "message", "Adopt", "2025-05-02")
    use(company, "O2", "message", "Adopt", "2025-05-07")  # after the close
    use(company, "O5", "message", "Adopt", "2025-05-02")
    use(company, "O5", "message", "Save", "2025-05-02")
    use(company, "O3", "content", "Case study", "2025-05-10", value=True)
    return company


def products_and_needs(company: Company) -> None:
    """Four deals of products in April: a need found before the close, one after it, none; a renewal does not count."""
    for key, closed, kind in (
        ("D1", "2025-04-20", "new"),
        ("D2", "2025-04-21", "new"),
        ("D3", "2025-04-22", "new"),
        ("D4", "2025-04-23", "renewal"),
    ):
        deal(company, key, "A", closed, key != "D3", opportunity_type=kind)
        company.add(
            "opportunity_lines", opportunity_line_id=f"{key}-1", opportunity_id=key, product_id="core", quantity=1, list_amount=100,
            net_amount=100, recorded_date="2025-04-01",
        )  # fmt: skip
    for key, found, matched in (
        ("D1", "2025-04-01", "2025-04-11"),
        ("D2", "2025-04-25", None),
        ("D4", "2025-04-02", None),
    ):
        company.add(
            "deal_needs", need_id=key, opportunity_id=key, identified_date=found, matched_date=matched
        )


def platform(company: Company) -> None:
    """Live with the first quote on the platform, 2024-06-01. Twelve quotes before, ten days each, half with errors; then four days, a quarter."""
    for number in range(24):
        is_later = number >= 12
        key, month = f"G{number:02}", "2024-07" if is_later else "2024-03"
        created = "2024-06-01" if number == 12 else f"{month}-01"
        accepted = "2024-06-05" if number == 12 else f"{month}-05" if is_later else f"{month}-11"
        quote(
            company, key, "A", f"{created} 09:00:00", ("SUP", 100, 100), accepted_at=f"{accepted} 09:00:00",
            is_on_platform="true" if is_later else "false",
        )  # fmt: skip
        is_wrong = number % 12 < (3 if is_later else 6)
        booking(company, key, f"{month}-28", 101 if is_wrong else 100, source_quote_id=key)


def lift(company: Company) -> None:
    """Forty deals of one size, four quarters by id: of five with the calculator four are won, of five without two."""
    company.customer("L", segment="Lift", region="Lift").line("L", "2023-01-01", None, 100)
    for number in range(40):
        key, place = f"L{number:02}", number % 10
        deal(company, key, "L", "2025-03-15", place in (0, 2, 4, 6, 1, 3), created_date="2025-03-01")
        company.add(
            "opportunity_lines", opportunity_line_id=key, opportunity_id=key, product_id="SUP", quantity=1, list_amount=500, net_amount=500,
            recorded_date="2025-03-01",
        )  # fmt: skip
        if place % 2 == 0:
            use(company, key, "tool", "Calculator", "2025-03-02", value=True)


def fits(company: Company) -> None:
    """January 2025: offer F1 is for the segment Lift and owners of core, F2 for owners of another product, F3 for anybody."""
    company.customer("M", segment="Other").line("M", "2023-01-01", None, 100)
    for offer in ("F1", "F2", "F3"):
        company.add(
            "service_offers",
            offer_id=offer,
            offer_name=f"Offer {offer}",
            service_line="success",
            is_paid="true",
            created_date="2024-01-01",
        )
    for number, (offer, attribute, value) in enumerate(
        (
            ("F1", "segment_fit", "Lift"),
            ("F1", "attaches_to_family", "core"),
            ("F2", "attaches_to_family", "other"),
        )
    ):
        company.add(
            "offer_attributes", attribute_id=str(number), offer_id=offer, attribute=attribute, value=value
        )
    for account, offer in (
        ("L", "F1"),
        ("M", "F1"),
        ("L", "F2"),
        ("L", "F3"),
        ("A", "F1"),
    ):  # the segment of A is unknown
        key = f"F-{account}-{offer}"
        company.add(
            "quotes",
            quote_id=key,
            account_id=account,
            created_at="2025-01-05 09:00:00",
            accepted_at="2025-01-09 09:00:00",
        )
        company.add(
            "quote_lines", quote_line_id=key, quote_id=key, offer_id=offer, list_amount=10, net_amount=10
        )


def exports_of_cpq(company: Company) -> None:
    """February 2023: a quote approved by a rule, one by the standard approval of a person, and an approval of something else."""
    rows: dict[str, list[dict[str, Any]]] = {
        "account": [{"id": "001X", "name": "X", "created_date": "2023-02-01"}],
        "product_2": [{"id": "01tX", "name": "Care", "family": "Support", "created_date": "2023-02-01"}],
        "opportunity": [
            {"id": f"006{key}", "account_id": "001X", "type": "Expansion", "stage_name": "Closed Won", "is_won": "true", "is_closed": "true",
             "close_date": "2023-02-20", "created_date": "2023-02-01", "amount": 90}
            for key in "XY"
        ],
        # Accepted, nobody says when: with the deal.
        "sbqq__quote__c": [
            {"id": f"a0q{key}", "sbqq__account__c": "001X", "sbqq__opportunity2__c": f"006{key}", "sbqq__primary__c": "true",
             "sbqq__status__c": "Accepted", "created_date": "2023-02-01 00:00:00"}
            for key in "XY"
        ],
        "sbqq__quoteline__c": [
            {"id": f"a0l{key}", "sbqq__quote__c": f"a0q{key}", "sbqq__product__c": "01tX", "sbqq__quantity__c": 2, "sbqq__list_price__c": 50,
             "sbqq__net_total__c": 90, "created_date": "2023-02-01"}
            for key in "XY"
        ],
        "sbaa__approval__c": [
            {"id": "a0aX", "quote__c": "a0qX", "sbaa__status__c": "Approved", "created_date": "2023-02-06 09:00:00",
             "sbaa__approved_date__c": "2023-02-06 09:00:00"}
        ],
        "process_instance": [
            {"id": f"04g{key}", "target_object_id": target, "status": "Approved", "created_date": "2023-02-06 09:00:00",
             "completed_date": "2023-02-07 10:00:00"}
            for key, target in (("Y", "a0qY"), ("Z", "500Z"))
        ],
        "order": [
            {"id": "801X", "account_id": "001X", "opportunity_id": "006X", "sbqq__quote__c": "a0qX", "total_amount": 90,
             "activated_date": "2023-02-21", "created_date": "2023-02-21"},
            {"id": "801Y", "account_id": "001X", "opportunity_id": "006Y", "total_amount": 90, "activated_date": "2023-02-22", "created_date": "2023-02-22"},
        ],
    }  # fmt: skip
    for table, found in rows.items():
        company.exports[f"salesforce/{table}"] = found


#: Ratios, and statistics.
RATIO_MARTS = (
    "fct_quote_ratios",
    "fct_selling_ratios",
    "fct_selling_stage_ratios",
    "fct_resource_ratios",
    "fct_program_ratios",
)
STATISTIC_MARTS = ("fct_selling_times", "fct_resource_lifts", "fct_platform_effects")


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    company = quoted_company()
    products_and_needs(company)
    platform(company)
    lift(company)
    fits(company)
    exports_of_cpq(company)
    built = (*RATIO_MARTS, *STATISTIC_MARTS, "fct_quote_funnel")
    folder = tmp_path_factory.mktemp("selling")
    with harness.build(folder, company.exports, model_cache, only=built, **SETTINGS) as connection:
        for name, tables in (("ratios", RATIO_MARTS), ("statistics", STATISTIC_MARTS)):
            union = " union all ".join(f"select * from marts.{table}" for table in tables)
            connection.execute(f"create view {name} as {union}")
        yield connection


Marts = duckdb.DuckDBPyConnection


def parts(
    marts: Marts, key: str, dimension: str = "all", member: str = "all", grain: str = "month", end: str = MAY
) -> tuple[Any, Any]:
    """Numerator and denominator."""
    row = marts.execute(
        "select numerator, denominator from ratios where metric_key = ? and dimension = ? and member = ? and period_grain = ?"
        " and period_end = cast(? as date)",
        [key, dimension, member, grain, end],
    ).fetchall()
    assert len(row) == 1
    return row[0][0], row[0][1]


def statistic(
    marts: Marts, key: str, grain: str = "month", end: str = MAY, member: str = "all"
) -> dict[str, Any]:
    found = marts.execute(
        "select * from statistics where metric_key = ? and member = ? and period_grain = ? and period_end = cast(? as date)",
        [key, member, grain, end],
    )
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    assert len(rows) == 1
    return dict(zip(names, rows[0], strict=True))


#: Of May 2025: numerator and denominator.
RATIOS: dict[str, tuple[float, float]] = {
    "guided_selling_usage": (3, 5),  # Q1b, Q3, Q4 of those known; of O6 and O7 nobody knows
    "on_demand_quote_share": (2, 4),
    "selling_platform_adoption_rate": (3, 4),
    "proposal_automation_share": (1, 1),
    "custom_configuration_share": (2, 7),  # Q3 and Q4 of seven lines for services
    "bundle_share": (2, 4),
    "custom_sow_share": (1, 4),
    "digital_acceptance_rate": (3, 4),
    "service_discount_rate": (200 + 250 + 300 + 60, 4000),
    "policy_compliance_rate": (2, 4),  # Q1b at the limit, Q3 by exception; Q2 and Q4 beyond
    "auto_approval_share": (1, 4),  # Q2, Q3, Q4 and Q5 are decided
    "approval_rejection_rate": (1, 4),
    "rekeyed_record_share": (1, 4),
    "quote_error_rate": (2, 4),  # Q2 booked otherwise, Q3 put right
    "first_time_right_quote_share": (2, 4),  # Q3 and Q4; Q1b is a revision, Q2 was booked otherwise
    "service_win_rate": (4, 6),
    "message_win_rate": (1, 2),
    "value_justification_rate": (1, 6),
    "service_stage_conversion_rate": (3, 4),
}


@pytest.mark.parametrize("key", RATIOS)
def test_ratio_of_the_month(marts: Marts, key: str) -> None:
    assert parts(marts, key) == RATIOS[key]


#: Of May 2025: median and how many.
MEDIANS: dict[str, tuple[float, int]] = {
    "configuration_time": (0.5, 1),
    "proposal_creation_time": (1, 1),
    "approval_cycle_time": (0.25, 3),  # half an hour, two hours, sixteen hours of business, in days of eight
    "service_quote_cycle_time": (4, 4),  # 10, 4, 4 and 2 days
    "quote_to_booking_lag": (1, 4),  # 3, 1, 1 and 1 days
    "booking_to_schedule_lag": (6, 1),
    "service_sales_cycle_days": (21, 4),  # 20, 15, 22 and 29 days
}


@pytest.mark.parametrize("key", MEDIANS)
def test_median_of_the_month(marts: Marts, key: str) -> None:
    row = statistic(marts, key)
    assert (row["value"], row["n"]) == MEDIANS[key]


#: Of May 2025, by metric, dimension and member.
MEMBERS: dict[tuple[str, str, str], tuple[float, float]] = {
    ("service_discount_rate", "region", "APAC"): (250, 1000),
    ("policy_compliance_rate", "region", "EMEA"): (1, 2),
    ("policy_compliance_by_approval_automation", "approval_kind", "automatic"): (0, 1),
    ("policy_compliance_by_approval_automation", "approval_kind", "manual"): (1, 2),
    ("policy_compliance_by_approval_automation", "approval_kind", "none"): (1, 1),
    ("service_lost_reason_mix", "reason", "price_budget"): (1, 2),
    ("service_lost_reason_mix", "reason", "other"): (1, 2),
    ("message_win_rate", "message", "Adopt"): (1, 2),
    ("message_win_rate", "message", "Save"): (0, 1),
    ("service_stage_conversion_rate", "stage", "qualification"): (2, 2),
    ("service_stage_conversion_rate", "stage", "discovery"): (0, 1),
    # A buys both programs, B support, C professional services.
    ("program_purchase_rank", "offer", "SUP"): (2, 3),
    ("program_purchase_rank", "offer", "PS"): (2, 3),
}


@pytest.mark.parametrize("case", MEMBERS, ids="-".join)
def test_member_of_a_dimension(marts: Marts, case: tuple[str, str, str]) -> None:
    assert parts(marts, *case) == MEMBERS[case]


def test_services_go_to_whom_they_are_for(marts: Marts) -> None:
    assert parts(marts, "fit_compliance_rate", end="2025-01-31") == (1, 3)


def test_cpq_tells_of_approvals_discounts_and_bookings(marts: Marts) -> None:
    end = "2023-02-28"
    assert parts(marts, "auto_approval_share", end=end) == (1, 2)
    assert statistic(marts, "approval_cycle_time", end=end)["value"] == six("1.125")  # nine hours of business
    assert statistic(marts, "service_quote_cycle_time", end=end)["value"] == 19
    assert parts(marts, "service_discount_rate", end=end) == (20, 200)
    assert parts(marts, "rekeyed_record_share", end=end) == (1, 2)


def test_nothing_is_ranked_of_fewer_than_ten_buyers(marts: Marts) -> None:
    assert marts.execute(
        "select count(*) > 0, count(purchase_rank) from marts.fct_program_ranks"
    ).fetchone() == (True, 0)


def test_quotes_of_the_month_have_come_so_far(marts: Marts) -> None:
    """Of Q1 to Q7; Q8 is for no service."""
    funnel = "select step, quote_count from marts.fct_quote_funnel where period_grain = 'month' and period_end = cast(? as date)"
    assert dict(marts.execute(funnel, [MAY]).fetchall()) == {
        "created": 7, "configured": 1, "proposed": 1, "accepted": 4, "booked": 4, "scheduled": 1,
    }  # fmt: skip


def test_needs_count_when_they_were_found_before_the_close(marts: Marts) -> None:
    assert parts(marts, "service_opportunity_recognition_rate", end="2025-04-30") == (1, 3)
    assert statistic(marts, "service_discovery_time", end="2025-04-30")["value"] == 10


def test_platform_is_compared_with_the_half_year_before_it(marts: Marts) -> None:
    assert statistic(marts, "platform_error_effect", "t12m", "2024-12-31")["value"] == six("-0.25")
    assert statistic(marts, "platform_time_saved", "t12m", "2024-12-31")["value"] == 6
    # From the half year after it on, for a year.
    told = (
        "select min(period_end), max(period_end) from marts.fct_platform_effects where period_grain = 't12m'"
    )
    assert marts.execute(told).fetchone() == (date(2024, 12, 31), date(2025, 6, 30))


def test_lift_is_of_likes(marts: Marts) -> None:
    """0.8 − 0.4; se² = 0.168421 ÷ 20 + 0.3 × 4 × 0.25² ÷ 5 = 0.023421."""
    row = statistic(marts, "resource_usage_lift", "t12m", "2025-04-30", "Calculator")
    assert (row["value"], row["n"], row["verdict"]) == (six("0.4"), 20, "supported")
    assert (row["ci_low"], row["ci_high"]) == (six("0.100048"), six("0.699952"))
    assert parts(marts, "resource_win_rate", "resource", "Calculator", "t12m", "2025-04-30") == (16, 20)


def test_a_year_is_the_sum_of_its_months_and_regions_add_up(marts: Marts) -> None:
    """Only distinct buyers are counted anew in every period."""
    sums = """
        select metric_key, dimension, member, sum(numerator), sum(denominator) from ratios
        where period_grain = '{grain}' and metric_key <> 'program_purchase_rank' {where} group by all having sum(denominator) > 0 order by all
    """
    months = marts.execute(
        sums.format(grain="month", where="and period_end between '2024-07-01' and '2025-06-30'")
    ).fetchall()
    year = marts.execute(sums.format(grain="t12m", where="and period_end = '2025-06-30'")).fetchall()
    assert months == year and len(year) > 60
    regions = """
        select metric_key, period_end, sum(numerator), sum(denominator) from ratios
        where period_grain = 'month' and dimension = '{dimension}' and metric_key in (select metric_key from ratios where dimension = 'region')
        group by all order by all
    """
    assert (
        marts.execute(regions.format(dimension="region")).fetchall()
        == marts.execute(regions.format(dimension="all")).fetchall()
    )
