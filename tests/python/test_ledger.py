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

SYSTEMS = ["salesforce", "stripe", "zuora", "templates"]
SEEDS = range(1, 11)


def build_company(folder: Path, cache: Path, seed: int, dirt: bool = False) -> duckdb.DuckDBPyConnection:
    """Exports of a small demo company, landed and built; the ledger is attached as views of the schema ledger."""
    raw, out = folder / "raw", folder / "out"
    write_demo(raw, 120, 30, seed, dirt, lambda _line: None)
    land(raw, out, SYSTEMS, PROJECT, lambda _line: None)
    connection = run_models(out, SYSTEMS, cache)
    connection.execute("create schema ledger")
    for path in sorted((raw / "_ledger").glob("*.parquet")):
        connection.execute(f"create view ledger.{path.stem} as select * from '{path}'")
    return connection


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


@pytest.mark.parametrize("seed", SEEDS)
def test_clean_exports_give_the_ledger_for_every_customer_and_month(
    seed: int, tmp_path: Path, model_cache: Path
) -> None:
    assert_warehouse_equals_ledger(build_company(tmp_path, model_cache, seed))


def test_dirty_exports_give_the_same_ledger_and_every_injected_defect_is_found(
    tmp_path: Path, model_cache: Path
) -> None:
    connection = build_company(tmp_path, model_cache, seed=3, dirt=True)
    assert_warehouse_equals_ledger(connection)
    expected = dict(
        connection.execute(
            f"select expected_outcome, count(*) from read_csv('{tmp_path}/raw/_ledger/dirt.csv', all_varchar = true)"
            " where list_contains(?, system) group by 1",
            [SYSTEMS],
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
