"""Activities of the demo company are in the contract entities what the simulator knows, whatever system tells of them."""

from __future__ import annotations

import duckdb

from tests.python.test_ledger import differences


def test_every_activity_is_one_that_was_completed(company: duckdb.DuckDBPyConnection) -> None:
    columns = "customer_id, activity_key, activity_date"
    of_people = "activity_key <> 'usage_tracking' or evidence <> 'usage_feed'"
    assert (
        differences(
            company,
            f"select distinct {columns} from ledger.cs_activities",
            f"select {columns} from intermediate.int_cs_activities where {of_people}",
        )
        == []
    )
    seen = company.execute(
        "select count(distinct activity_key), count(distinct evidence) from intermediate.int_cs_activities"
    ).fetchone()
    assert seen == (24, 10)
    # Tasks that are still open, and such that are none of the activities.
    tasks = company.execute(
        "select count(*) filter (where not is_closed), (select count(*) from intermediate.int_activity_records where activity_key = 'unknown')"
        " from staging.stg_gainsight__cs_task"
    ).fetchone()
    assert tasks is not None and min(tasks) > 20


def test_risks_are_answered_when_somebody_stepped_in(company: duckdb.DuckDBPyConnection) -> None:
    columns = "customer_id, response_days"
    assert (
        differences(
            company,
            f"select risk_key, {columns} from ledger.risk_answers",
            f"select warning_key, {columns} from marts.fct_early_warnings where warning_signal = 'risk_record'",
        )
        == []
    )
    found = company.execute(
        "select count(*) filter (where response_days is null), count(*) filter (where response_days <= 7), count(*) filter (where response_days > 7),"
        " (select count(*) from marts.fct_early_warnings where warning_signal <> 'risk_record') from ledger.risk_answers"
    ).fetchone()
    assert found is not None and min(found) > 10


def test_use_is_tracked_of_the_customers_that_the_product_knows(company: duckdb.DuckDBPyConnection) -> None:
    """At the last month-end, by the simulator's own list of users."""
    tracked = company.execute(
        "select count(distinct customer_id) from intermediate.int_cs_activities where evidence = 'usage_feed' and activity_date = date '2026-10-31'"
    ).fetchone()
    accounts = company.execute(
        "select count(distinct customer_id) from staging.stg_pendo__account_history"
        " inner join intermediate.int_customer_identity on 'pendo:' || stg_pendo__account_history.account_id = account_key"
    ).fetchone()
    assert tracked is not None and tracked == accounts and tracked[0] > 30


def test_who_receives_more_activities_is_who_succeeds(company: duckdb.DuckDBPyConnection) -> None:
    """The cause that is built in shows: the team finds more time for the largest."""
    shares = dict(
        company.execute(
            "select member, value from marts.fct_metric_values where metric_key = 'cs_activity_coverage' and dimension = 'segment'"
            " and period_grain = 'month' and period_end = date '2026-10-31' and value is not null"
        ).fetchall()
    )
    assert len(shares) >= 3
    half = company.execute(
        "select value, coverage, n from marts.fct_metric_values where metric_key = 'half_job_share' and dimension = 'all'"
        " and period_grain = 'month' and period_end = date '2026-10-31'"
    ).fetchone()
    assert half is not None and 0.1 < half[0] < 0.9 and half[1] > 0.9
    assert 2 * max(shares.values()) > 3 * min(shares.values())
