"""Reps, offers and releases of the demo company, counted by the simulator, are what the marts say."""

from __future__ import annotations

import duckdb

from tests.python.test_ledger import differences

FLAGS = (
    "has_curriculum", "is_tested", "is_qualified", "has_catalog_view", "is_trained_classroom", "is_trained_virtual",
    "is_trained_self_paced", "is_trained_live",
)  # fmt: skip
SINCE = "month_end >= (select min(month_end) from ledger.rep_months)"


def test_reps_are_trained_tested_and_qualified_as_the_simulator_knows(
    company: duckdb.DuckDBPyConnection,
) -> None:
    """Before anything was recorded the marts know nothing where the simulator knows that nobody was."""
    truth = f"select rep_id, month_end, {', '.join(FLAGS)} from ledger.rep_months"
    flags = ", ".join(f"coalesce({name}, false)" for name in FLAGS)
    assert (
        differences(
            company, truth, f"select rep_id, month_end, {flags} from marts.fct_rep_months where {SINCE}"
        )
        == []
    )
    totals = company.execute(
        f"select {', '.join(f'count(*) filter ({name})' for name in FLAGS)} from ledger.rep_months"
    ).fetchone()
    assert totals is not None and all(total > 20 for total in totals)


def test_modules_due_and_completed_are_those_of_the_simulator(company: duckdb.DuckDBPyConnection) -> None:
    columns = "sum(due_module_count)::int, sum(completed_module_count)::int"
    truth = (
        f"select rep_id, month_end, {columns} from ledger.rep_months where due_module_count > 0 group by all"
    )
    found = f"select rep_id, month_end, {columns} from marts.fct_rep_topic_months where {SINCE} group by all"
    assert differences(company, truth, found) == []


def test_offers_on_sale_and_their_entries_are_those_of_the_catalogue(
    company: duckdb.DuckDBPyConnection,
) -> None:
    truth = "select offer_id, month_end, case when is_known then is_complete end from ledger.offer_months"
    found = f"select offer_id, month_end, is_complete from marts.fct_offer_months where {SINCE}"
    assert differences(company, truth, found) == []


def test_customers_run_the_releases_of_the_simulator(company: duckdb.DuckDBPyConnection) -> None:
    truth = (
        "select customer_id, month_end, current_until > month_end from ledger.customer_releases"
        " inner join marts.fct_value_months using (customer_id)"
        " where used_from <= month_end and (used_until is null or used_until > month_end)"
    )
    found = "select customer_id, month_end, is_version_current from marts.fct_value_months where is_version_current is not null"
    assert differences(company, truth, found) == []
    assert company.execute(f"select count(distinct is_version_current) from ({found})").fetchone() == (2,)


def test_every_deal_and_every_contract_is_in_one_band(company: duckdb.DuckDBPyConnection) -> None:
    """Members add up to the whole: contracts by value shown to all contracts due, deals by qualification to all of reps."""
    for key, dimension, whole, member in (
        ("renewal_by_value_reinforcement", "value_band", "contract_renewal_rate", "all"),
        ("rep_service_attach_rate", "rep_status", "rep_service_attach_rate", "all"),
        ("rep_contract_renewal_rate", "rep_status", "rep_contract_renewal_rate", "all"),
    ):
        sums = "select period_grain, period_end, sum(numerator), sum(denominator) from marts.fct_metric_values where metric_key = "
        parts = f"{sums} '{key}' and dimension = '{dimension}' group by all"
        all_of_it = f"{sums} '{whole}' and dimension = '{member}' group by all"
        assert differences(company, all_of_it, parts) == [], key
