"""Actions, their effects and contract renewals of the demo company are what the simulator knows to be true.

The company is large enough to tell a training that helps from an enhancement that does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from postsale.demo import write_demo
from postsale.landing import land
from tests.harness import PROJECT, run_models
from tests.python.demo_company import attach_ledger
from tests.python.test_ledger import differences

SYSTEMS = ["gainsight", "pendo", "salesforce", "stripe", "templates", "thought_industries", "zuora"]
#: The last twelve months of outcomes.
END = "date '2026-10-31'"


@pytest.fixture(scope="module")
def company(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("effects")
    write_demo(folder / "raw", 1000, 36, 7, False, lambda _line: None, SYSTEMS)
    land(folder / "raw", folder / "out", SYSTEMS, PROJECT, lambda _line: None)
    with run_models(
        folder / "out", SYSTEMS, model_cache, tested="effect|treatment|action|renewal|contract_(p|t)"
    ) as connection:
        attach_ledger(connection, folder / "raw")
        yield connection


def test_every_action_is_the_one_that_took_place(company: duckdb.DuckDBPyConnection) -> None:
    assert (
        differences(
            company,
            "select customer_id, action_type, month_end from ledger.actions",
            "select customer_id, treatment, month_end from intermediate.int_treatments join intermediate.int_months using (month_number)"
            " where treatment_kind = 'action'",
        )
        == []
    )


@pytest.mark.parametrize(
    ("metric", "member", "action", "verdict"),
    [
        ("adoption_lift_after_action", "training", "training", "supported"),
        ("adoption_lift_after_action", "product_enhancement", "product_enhancement", "not_supported"),
        # The same trainings, as the learning system has them.
        ("proficiency_adoption_effect", "all", "training", "supported"),
    ],
)
def test_what_helps_is_told_from_what_does_not(
    company: duckdb.DuckDBPyConnection, metric: str, member: str, action: str, verdict: str
) -> None:
    """The interval holds the mean of what each action truly did to the customers it is about."""
    row = company.execute(
        "select verdict, adjusted_effect, ci_low, ci_high, placebo_ci_low, placebo_ci_high from marts.fct_effects"
        f" where metric_key = ? and member = ? and period_grain = 't12m' and period_end = {END}",
        [metric, member],
    ).fetchone()
    assert row is not None
    assert row[0] == verdict
    truth = company.execute(
        f"""
        select avg(lifts.true_lift) from marts.fct_effect_subjects as subjects
        inner join ledger.action_lifts as lifts
            on subjects.customer_id = lifts.customer_id and lifts.action_type = ?
            and subjects.anchor_month_number = year(lifts.month_end) * 12 + month(lifts.month_end) - 1
        where subjects.metric_key = ? and subjects.member = ? and subjects.is_treated and subjects.is_matched
            and subjects.closing_month_end > {END} - interval 1 year and subjects.closing_month_end <= {END}
        """,
        [action, metric, member],
    ).fetchone()
    assert truth is not None
    assert (truth[0] > 0.05) is (verdict == "supported")
    assert row[2] < truth[0] < row[3]
    assert row[4] < 0 < row[5]


def test_every_term_that_fell_due_became_what_the_simulator_knows(company: duckdb.DuckDBPyConnection) -> None:
    """Of customers with one line of business: their products by contract and due date."""
    truth = "select subscription_id, due_date, is_renewed, is_late from ledger.contract_terms where is_alone"
    found = (
        "select subscription_id, due_date, bool_or(is_renewed), bool_or(is_late) from marts.fct_contract_renewals"
        " inner join (select subscription_id, due_date from ledger.contract_terms where is_alone) as alone using (due_date)"
        " where contract_key = 'zuora:' || subscription_id and (contract_kind = 'product' or not exists (select 1"
        " from marts.fct_contract_renewals as other where other.contract_key = fct_contract_renewals.contract_key"
        " and other.due_date = fct_contract_renewals.due_date and other.contract_kind = 'product')) group by all"
    )
    assert differences(company, truth, found) == []
    counts = company.execute(
        "select count(*), count(*) filter (where is_renewed), count(*) filter (where is_late) from ledger.contract_terms where is_alone"
    ).fetchone()
    assert counts is not None
    assert counts[0] > 80 and counts[0] > counts[1] > 50 and counts[2] > 0


def test_nothing_due_is_missing_or_made_up(company: duckdb.DuckDBPyConnection) -> None:
    """Every term of the simulator that ended is due, and no other contract of the system."""
    truth = "select distinct 'zuora:' || subscription_id, due_date from ledger.contract_terms"
    found = f"select distinct contract_key, due_date from marts.fct_contract_renewals where contract_key like 'zuora:%' and due_date <= {END}"
    assert differences(company, truth, found) == []
