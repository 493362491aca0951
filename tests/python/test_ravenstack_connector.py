"""RavenStack: a company nobody knew, from its five files to the contract entities, with every record accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import build_files
from tests.harness import SHARED_DATA

EXPORTS = SHARED_DATA / "ravenstack"

pytestmark = pytest.mark.skipif(
    not EXPORTS.is_dir(),
    reason=f"RavenStack is not committed and not found at {EXPORTS}; set POSTSALE_SHARED_DATA",
)


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files, unchanged, landed and built once."""
    root = tmp_path_factory.mktemp("ravenstack")
    with build_files(root, "ravenstack", EXPORTS.glob("*.csv"), model_cache) as connection:
        yield connection


def one(warehouse: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The only row of a query, or its only value."""
    rows = warehouse.execute(sql).fetchall()
    assert len(rows) == 1, rows
    return rows[0][0] if len(rows[0]) == 1 else rows[0]


@pytest.mark.parametrize(
    ("table", "record_count"),
    [
        ("accounts", 500),
        ("subscriptions", 5000),
        ("feature_usage", 25000),
        ("support_tickets", 2000),
        ("churn_events", 600),
    ],
)
def test_every_record_is_accepted(
    warehouse: duckdb.DuckDBPyConnection, table: str, record_count: int
) -> None:
    statuses = warehouse.execute(
        f"select _row_status, count(*) from staging.base_ravenstack__{table} group by all"
    ).fetchall()
    assert statuses == [("accepted", record_count)]
    assert one(warehouse, f"select count(*) from staging.stg_ravenstack__{table}") == record_count


def test_mrr_at_the_last_month_end(warehouse: duckdb.DuckDBPyConnection) -> None:
    # Read with an exclusive end; with an inclusive one the subscriptions that end on the day itself would still count.
    mrr = (
        "select sum(mrr_amount), count(distinct account_key) from intermediate.int_contract_lines__ravenstack"
    )
    active = "start_date <= date '2024-12-31' and (end_date is null or end_date > date '2024-12-31')"
    assert one(warehouse, f"{mrr} where exclusion_reason is null and {active}")[0] == Decimal("10159608")
    assert one(warehouse, f"{mrr} where {active}") == (
        Decimal("10159608"),
        500,
    )  # trials add nothing, but some accounts


def test_lines_keep_every_subscription(warehouse: duckdb.DuckDBPyConnection) -> None:
    by_reason = warehouse.execute(
        "select coalesce(exclusion_reason, 'counts'), count(*) from intermediate.int_contract_lines__ravenstack group by all order by all"
    ).fetchall()
    assert by_reason == [("counts", 4222), ("trial", 778)]
    # A subscription that ends on the day it starts stays and is never active.
    assert (
        one(
            warehouse,
            "select count(*) from intermediate.int_contract_lines__ravenstack where start_date = end_date",
        )
        == 13
    )


def test_only_the_mark_on_the_subscription_makes_an_end_a_cancellation(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # auto_renew_flag is false on 995 subscriptions and no decision; churn events name no subscription.
    assert one(
        warehouse,
        "select count(*), count(*) filter (is_cancelled), count(*) filter (is_cancelled and end_date is null), count(cancel_requested_date)"
        " from intermediate.int_contract_lines__ravenstack where end_date is not null or is_cancelled",
    ) == (486, 486, 0, 0)


def test_plans_are_tiers_of_one_family(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select product_key, product_family, tier_rank from intermediate.int_products__ravenstack order by tier_rank"
    ).fetchall()
    assert rows == [
        ("ravenstack:Basic", "RavenStack", 1),
        ("ravenstack:Pro", "RavenStack", 2),
        ("ravenstack:Enterprise", "RavenStack", 3),
    ]


def test_reused_usage_ids_stay_findable(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert one(
        warehouse,
        "select count(*), count(distinct usage_id) from staging.stg_ravenstack__feature_usage where is_usage_id_reused",
    ) == (42, 21)


def test_usage_adds_up_by_account_and_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    used = one(warehouse, "select sum(usage_count) from staging.stg_ravenstack__feature_usage")
    assert one(warehouse, "select sum(event_count) from intermediate.int_usage_days__ravenstack") == used
    # Two rows count no use; a day with nothing else is no day of use.
    assert (
        one(warehouse, "select count(*) from intermediate.int_usage_days__ravenstack where event_count = 0")
        == 0
    )
    # Use before the start of the subscription is not cut off.
    assert (
        one(
            warehouse,
            "select count(*) from staging.stg_ravenstack__feature_usage usage join staging.stg_ravenstack__subscriptions using (subscription_id)"
            " where usage.usage_date < start_date",
        )
        == 19142
    )


def test_churn_events_are_reasons_only(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert one(
        warehouse,
        "select count(*), count(contract_key), count(distinct reason_key) from intermediate.int_loss_reasons__ravenstack",
    ) == (600, 0, 6)


def test_unknown_satisfaction_stays_unknown(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert one(
        warehouse,
        "select count(*) - count(satisfaction_score), min(satisfaction_score) from staging.stg_ravenstack__support_tickets",
    ) == (825, Decimal(3))


#: The tickets as they are, read by DuckDB alone.
TICKETS = f"read_csv('{EXPORTS}/*support_tickets.csv', header = true)"


def metric_in_2024(warehouse: duckdb.DuckDBPyConnection, key: str) -> Any:
    """Value, n, verdict, status and coverage of the twelve months to the end of 2024."""
    return one(
        warehouse,
        f"select value, n, verdict, status, coverage from marts.fct_metric_values where metric_key = '{key}' and dimension = 'all'"
        " and period_grain in ('t12m', 'year') and period_end = date '2024-12-31' order by period_grain limit 1",
    )


@pytest.mark.parametrize(
    ("key", "hours", "day"),
    [
        ("time_to_resolution", "resolution_time_hours", "closed_at"),
        ("first_response_time", "first_response_time_minutes / 60.0", "submitted_at"),
    ],
)
def test_times_are_those_of_the_file(
    warehouse: duckdb.DuckDBPyConnection, key: str, hours: str, day: str
) -> None:
    for suffix, share in (("", 0.5), ("_p90", 0.9)):
        number, count = one(
            warehouse,
            f"select quantile_cont({hours}, {share}), count({hours}) from {TICKETS} where year({day}) = 2024",
        )
        value, n, verdict, _, coverage = metric_in_2024(warehouse, key + suffix)
        assert float(value) == pytest.approx(number, abs=1e-4)
        assert (n, verdict, coverage) == (count, "ok", 1)
    # It has no business hours.
    assert one(
        warehouse,
        f"select distinct member from marts.fct_metric_values where metric_key = '{key}' and dimension = 'basis'",
    ) == ("calendar")


def test_satisfaction_is_that_of_the_file(warehouse: duckdb.DuckDBPyConnection) -> None:
    # Four and five of five; the day of the rating is that of closing.
    assert one(
        warehouse,
        "select count(*) filter (is_satisfied), count(*) from marts.fct_rated_cases"
        " where period_grain = 't12m' and period_end = date '2024-12-31'",
    ) == one(
        warehouse,
        f"select count(*) filter (satisfaction_score >= 4), count(*) from {TICKETS}"
        " where satisfaction_score is not null and year(closed_at) = 2024",
    )


def test_reasons_and_adoption_are_unknown_and_say_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The file names no reason and no user."""
    for key in ("defect_issue_share", "customers_with_defect_share", "license_adoption_rate"):
        value, _, verdict, status, coverage = metric_in_2024(warehouse, key)
        assert (value, verdict, status, coverage) == (None, "no_data", "grey", 0)
    assert one(warehouse, "select count(*) from marts.fct_case_costs where cost_amount is not null") == 0
