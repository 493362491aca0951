"""What services the demo company sells and holds, counted by the simulator, is what the marts say."""

from __future__ import annotations

import duckdb

from tests.python.test_ledger import differences

FLAGS = ("is_attached", "is_support_attached", "is_education_attached", "is_professional_services_attached")


def test_services_are_attached_to_the_sales_they_were_sold_with(company: duckdb.DuckDBPyConnection) -> None:
    truth = """
        select 'salesforce:' || opportunity_id, customer_id, close_date, is_attached, is_support, is_education, is_onboarding
        from ledger.service_sales where is_alone
    """
    found = f"""
        select sale_key, customer_id, close_date, {", ".join(FLAGS)} from marts.fct_service_sales
        where customer_id in (select customer_id from ledger.service_sales where is_alone)
    """
    assert differences(company, truth, found) == []
    assert company.execute(
        "select count(*) > 30, avg(cast(is_attached as integer)) between 0.2 and 0.8 from ledger.service_sales where is_alone"
    ).fetchone() == (True, True)


def test_service_revenue_is_what_was_billed(company: duckdb.DuckDBPyConnection) -> None:
    truth = """
        select customer_id, month_end, 12 * sum(mrr_amount) as amount from ledger.revenue_months
        where product_family in ('Maintenance', 'Support', 'Success') group by all having sum(mrr_original_amount) > 0
    """
    found = "select customer_id, month_end, service_arr_amount from marts.fct_service_months where has_service_contract"
    assert differences(company, truth, found) == []


def test_the_service_revenue_bridge_closes(company: duckdb.DuckDBPyConnection) -> None:
    """Opening and movements give the closing, in every period, as a whole and by segment."""
    wrong = company.execute(
        """
        select period_grain, period_end, dimension, member,
            sum(opening_service_amount + attached_amount + reinstated_amount + expanded_amount - contracted_amount - lost_amount
                - closing_service_amount) as gap
        from marts.fct_service_windows
        cross join (select 'all' as dimension, 'all' as member)
        group by all having gap <> 0
        """
    ).fetchall()
    assert wrong == []
    summed = company.execute(
        """
        select period_end, sum(case when member = 'closing' then -numerator else numerator end)
        from marts.fct_metric_values where metric_key = 'service_revenue_bridge' and dimension = 'movement'
        group by all having sum(case when member = 'closing' then -numerator else numerator end) <> 0
        """
    ).fetchall()
    assert summed == []
    closing = company.execute(
        """
        select values.period_end, values.numerator, truth.amount
        from marts.fct_metric_values as values
        inner join (
            select month_end, 12 * sum(mrr_amount) as amount from ledger.revenue_months
            where product_family in ('Maintenance', 'Support', 'Success') group by all
        ) as truth on values.period_end = truth.month_end
        where values.metric_key = 'service_revenue_bridge' and values.member = 'closing' and values.period_grain = 'month'
            and values.numerator <> truth.amount
        """
    ).fetchall()
    assert closing == []
