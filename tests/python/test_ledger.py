"""The warehouse equals the demo company's ledger, to the millionth of a dollar.

The ledger is written by the simulator from its own state, in integer arithmetic and without SQL; the warehouse sees nothing
but the exports. Whatever differs is wrong on one of the two sides.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from postsale.demo import write_demo
from postsale.landing import land
from tests.harness import PROJECT, run_models
from tests.python.demo_company import DIRTY, attach_ledger, company_folder, open_company

SYSTEMS = ["salesforce", "stripe", "zuora", "templates"]
#: Companies beside the two that are built whole.
SEEDS = (1, 2, 5, 6, 7, 8, 9, 10)


def differences(
    connection: duckdb.DuckDBPyConnection, ledger: str, warehouse: str
) -> list[tuple[object, ...]]:
    """Rows of either query that the other one lacks (at most five of each)."""
    return connection.execute(
        f"(select 'only in the ledger', * from ({ledger} except all {warehouse}) limit 5)"
        f" union all (select 'only in the warehouse', * from ({warehouse} except all {ledger}) limit 5)"
    ).fetchall()


def assert_warehouse_equals_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    revenue = differences(
        connection,
        "select customer_id, product_family, month_end, sum(mrr_amount), sum(bridged_mrr_amount), sum(pending_mrr_amount)"
        " from ledger.revenue_months group by all having sum(mrr_amount) <> 0",
        "select customer_id, product_family, month_end, sum(mrr_amount), sum(bridged_mrr_amount), sum(pending_mrr_amount)"
        " from marts.fct_product_family_months group by all having sum(mrr_amount) <> 0",
    )
    assert revenue == []
    movements = differences(
        connection,
        "select customer_id, month_end, movement, opening_mrr_amount, closing_mrr_amount, mrr_change_amount from ledger.movements",
        "select customer_id, month_end, movement, opening_mrr_amount, closing_mrr_amount, mrr_change_amount"
        " from marts.fct_revenue_changes where movement <> 'transactional_loss'",
    )
    assert movements == []
    states = differences(
        connection,
        "select customer_id, month_end, mrr_amount, relationship_status, is_active, tenure_months from ledger.customer_months",
        "select customer_id, month_end, mrr_amount, relationship_status, is_active, tenure_months from marts.fct_customer_months",
    )
    assert states == []
    for metric, column in (
        ("net_revenue_retention", "net_revenue_retention"),
        ("gross_revenue_retention", "gross_revenue_retention"),
        ("customer_retention_rate", "customer_retention_rate"),
    ):
        rates = connection.execute(
            f"""
            select ledger.period_grain, ledger.period_end, ledger.dimension, ledger.member, ledger.{column}, metric.value
            from ledger.retention as ledger
            inner join marts.fct_metric_values as metric using (period_grain, period_end, dimension, member)
            where metric.metric_key = '{metric}' and metric.n >= 5 and ledger.{column} is distinct from metric.value
            limit 5
            """
        ).fetchall()
        assert rates == [], metric
        compared = connection.execute(
            "select count(*) from ledger.retention inner join marts.fct_metric_values as metric"
            f" using (period_grain, period_end, dimension, member) where metric_key = '{metric}' and n >= 5"
        ).fetchone()
        assert compared is not None and compared[0] > 50, f"too little to compare for {metric}"


def test_every_customer_month_and_rate_is_as_the_ledger_says(company: duckdb.DuckDBPyConnection) -> None:
    assert_warehouse_equals_ledger(company)


@pytest.mark.parametrize("seed", SEEDS)
def test_other_companies_are_as_their_ledgers_say(seed: int, tmp_path: Path, model_cache: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    write_demo(raw, 120, 30, seed, False, lambda _line: None, SYSTEMS)
    land(raw, out, SYSTEMS, PROJECT, lambda _line: None)
    with run_models(out, SYSTEMS, model_cache) as connection:
        attach_ledger(connection, raw)
        assert_warehouse_equals_ledger(connection)


def test_every_injected_defect_is_found() -> None:
    with open_company(DIRTY) as connection:
        expected = dict(
            connection.execute(
                f"select expected_outcome, count(*) from read_csv('{company_folder(DIRTY)}/raw/_ledger/dirt.csv', all_varchar = true)"
                " group by 1"
            ).fetchall()
        )
        found = connection.execute(
            "select sum(rejected_count), sum(exact_duplicate_count), sum(malformed_count), bool_and(is_balanced) from marts.dq_row_accounting"
        ).fetchone()
    assert found is not None
    rejected, duplicates, malformed, is_balanced = found
    assert is_balanced
    assert (rejected, duplicates, malformed) == (
        expected["rejected"],
        expected["exact_duplicate"],
        expected["malformed"],
    )
