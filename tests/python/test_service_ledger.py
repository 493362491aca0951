"""Services of the demo company: what the warehouse makes of projects is what the simulator delivered."""

from __future__ import annotations

import pytest

from tests.python.demo_company import SEEDS, open_company


@pytest.mark.parametrize("seed", SEEDS)
def test_deliveries_earn_what_was_delivered_and_nothing_of_the_cost_is_lost(seed: int) -> None:
    company = open_company(seed)
    wrong = company.execute(
        "with told as (select customer_id, month_end, service_line, sum(cents) / 100 as amount from ledger.service_deliveries"
        " group by all), made as (select customer_id, month_end, service_line, sum(amount) as amount"
        " from marts.fct_recognised_revenue_months where recognition = 'by_delivery' group by all)"
        " select * from told full join made using (customer_id, month_end, service_line)"
        " where coalesce(told.amount, 0) <> coalesce(made.amount, 0)"
    ).fetchall()
    assert wrong == []
    booked, shared = company.execute(
        "select (select sum(cost_amount) from intermediate.int_service_cost_months),"
        " (select sum(cost_amount) from marts.fct_service_profit_months)"
    ).fetchone()  # type: ignore[misc]
    assert booked == shared > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_services_that_do_nothing_are_not_said_to_keep_customers(seed: int) -> None:
    company = open_company(seed)
    verdicts = {
        verdict for (verdict,) in company.execute(
            "select verdict from marts.fct_service_effects where outcome = 'retained' order by month_end desc limit 1"
        ).fetchall()
    }  # fmt: skip
    assert verdicts <= {"not_supported", "insufficient_evidence"}
