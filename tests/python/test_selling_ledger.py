"""What the demo company's Sales did with services, known to the simulator, is what the marts say."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.python.demo_company import SEEDS, open_company
from tests.python.test_ledger import differences

FLAGS = {
    "is_guided": "is_guided", "is_on_demand": "is_on_demand", "is_on_platform": "is_platform", "is_proposal_automated": "is_automated",
    "has_bundle": "is_bundle", "has_custom_sow": "has_own_sow",
}  # fmt: skip


@pytest.fixture(scope="module", params=SEEDS)
def company(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_company(request.param) as connection:
        yield connection


def test_quotes_are_those_of_the_simulator(company: duckdb.DuckDBPyConnection) -> None:
    """One quote a deal whatever its versions, with its answers, its times and its approval in minutes of business."""
    truth = ", ".join(f"{name} = 1" for name in FLAGS.values())
    found = ", ".join(FLAGS)
    truth = f"""
        select opportunity_key, customer_id, region, created_date, accepted_date, booked_date, scheduled_date, approval_kind,
            case when approval_kind <> 'none' then is_rejected = 1 end, round(configured / 1440 - 0.375, 6), {truth},
            case when approval_kind = 'manual' then waited end, is_custom, is_compliant * (accepted_date is not null)::int
        from ledger.selling_deals
    """
    found = f"""
        select opportunity_key, customer_id, region, created_date, accepted_date, booked_date, scheduled_date, approval_kind,
            is_rejected, configuration_days, {found}, round(approval_days * 480), custom_line_count, compliant_line_count
        from marts.fct_service_quotes
    """
    assert differences(company, truth, found) == []
    assert company.execute(
        "select count(*) > 150, count(accepted_date) > 50 from ledger.selling_deals"
    ).fetchone() == (True, True)


def test_discounts_are_those_given(company: duckdb.DuckDBPyConnection) -> None:
    """In dollars: without a rate of exchange between, list and net are the very amounts."""
    truth = """
        select region, date_trunc('month', accepted_date), sum(list) / 100, sum(net) / 100 from ledger.selling_deals
        where currency = 'USD' and accepted_date is not null group by all
    """
    found = """
        select quotes.region, date_trunc('month', quotes.accepted_date), sum(quotes.list_amount), sum(quotes.net_amount)
        from marts.fct_service_quotes as quotes
        inner join ledger.selling_deals as deals using (opportunity_key)
        where deals.currency = 'USD' and quotes.accepted_date is not null group by all
    """
    assert differences(company, truth, found) == []


def test_errors_and_right_quotes_are_those_made(company: duckdb.DuckDBPyConnection) -> None:
    truth = """
        select opportunity_key, has_other_amount = 1 or coalesce(fixed_date <= accepted_date + 30, false),
            revision_date is null and has_other_amount = 0, is_rekeyed
        from ledger.selling_deals where booked_date is not null
    """
    found = """
        select opportunity_key, has_error, is_right_first_time, rekeyed_booking_count
        from marts.fct_service_quotes where booked_date is not null
    """
    assert differences(company, truth, found) == []


def test_needs_are_those_found(company: duckdb.DuckDBPyConnection) -> None:
    truth = "select opportunity_key, identified_date, matched_date from ledger.deal_needs where matched_date between (select min(month_start) from intermediate.int_months) and '2026-10-31'"
    found = "select opportunity_key, identified_date, matched_date from marts.fct_deal_needs"
    assert differences(company, truth, found) == []
