"""What the demo company's customers have learnt, counted by the simulator, is what the marts say."""

from __future__ import annotations

import duckdb

from tests.python.test_ledger import differences

COUNTS = (
    "active_user_count", "self_paced_user_count", "live_coaching_user_count", "ilt_in_person_user_count", "ilt_virtual_user_count",
    "certified_user_count", "proficient_user_count", "path_user_count", "rewarded_user_count", "technical_assessed_user_count",
    "technical_proficient_user_count", "business_assessed_user_count", "business_proficient_user_count",
)  # fmt: skip


def test_active_users_have_learnt_what_the_simulator_knows(company: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(("customer_id", "month_end", *COUNTS))
    truth = f"select {columns} from ledger.learning_months"
    found = f"select {columns} from marts.fct_proficiency_months where active_user_count > 0"
    assert differences(company, truth, found) == []
    totals = company.execute(
        f"select {', '.join(f'sum({name})' for name in COUNTS)} from ledger.learning_months"
    ).fetchone()
    assert totals is not None and all(total > 20 for total in totals)


def test_first_attempts_are_those_that_took_place(company: duckdb.DuckDBPyConnection) -> None:
    truth = "select customer_id, month_end, is_passed, count(*) from ledger.first_attempts group by all"
    found = "select customer_id, month_end, is_passed, count(*) from marts.fct_learning_events where event = 'assessed' group by all"
    assert differences(company, truth, found) == []
    assert company.execute("select count(*) > 100 from ledger.first_attempts").fetchone() == (True,)


def test_trainings_of_users_are_the_trainings_of_their_customers(company: duckdb.DuckDBPyConnection) -> None:
    """The learning system tells of the same courses as the ledger of actions."""
    truth = "select distinct customer_id, month_end from ledger.actions where action_type = 'training'"
    found = "select distinct customer_id, month_end from marts.fct_learning_events where event = 'trained'"
    assert differences(company, truth, found) == []
