"""The roll-up of usage equals what the demo company's simulator counted, without SQL, before it wrote any export."""

from __future__ import annotations

import duckdb

#: Usage of the 28 days up to each month-end of the ledger, by customer and product family.
COUNTED = """
    select
        months.customer_id,
        months.product_family,
        months.month_end,
        count(distinct use.user_key) as active_user_count,
        count(distinct case when features.tier = 'advanced' then use.user_key end) as advanced_user_count,
        count(distinct case when use.user_key is not null then concat(use.user_key, use.usage_date) end) as user_day_count,
        count(distinct use.feature_key) as feature_count,
        coalesce(cast(sum(use.event_count) as bigint), 0) as event_count
    from ledger.usage_months as months
    left join (
        select days.*, identity.customer_id, families.product_family
        from intermediate.int_usage_days as days
        inner join intermediate.int_customer_identity as identity using (account_key)
        inner join intermediate.int_usage_product_families as families on days.product_key = families.product_key
        where days.system = 'pendo'
    ) as use
        on
            months.customer_id = use.customer_id
            and months.product_family = use.product_family
            and use.usage_date <= months.month_end
            and use.usage_date > months.month_end - 28
    left join intermediate.int_feature_catalog as features on use.feature_key = features.feature_key
    group by all
"""


def test_users_days_features_and_events_are_those_of_the_simulation(
    company: duckdb.DuckDBPyConnection,
) -> None:
    counts = "customer_id, product_family, month_end, active_user_count, advanced_user_count, user_day_count, feature_count, event_count"
    truth = f"select {counts} from ledger.usage_months"
    assert company.execute(f"{truth} where active_user_count > 0 limit 1").fetchall()
    counted = f"select {counts} from ({COUNTED})"
    assert (
        company.execute(f"({truth} except all {counted}) union all ({counted} except all {truth})").fetchall()
        == []
    )


def test_tracked_and_silent_is_told_from_not_tracked(company: duckdb.DuckDBPyConnection) -> None:
    """Every customer-month of the ledger is tracked exactly if one of the customer's accounts is."""
    states = company.execute(
        """
        select months.is_tracked, accounts.customer_id is not null, months.active_user_count > 0, count(*)
        from ledger.usage_months as months
        left join (
            select identity.customer_id, min(tracked.tracked_from_date) as tracked_from_date
            from intermediate.int_usage_accounts as tracked
            inner join intermediate.int_customer_identity as identity using (account_key)
            where tracked.system = 'pendo'
            group by all
        ) as accounts
            on months.customer_id = accounts.customer_id and accounts.tracked_from_date <= months.month_end
        group by all
        """
    ).fetchall()
    assert {row[:3] for row in states} == {(True, True, True), (True, True, False), (False, False, False)}


def test_seat_holders_are_the_users(company: duckdb.DuckDBPyConnection) -> None:
    """The key of a user is the same in seats and use, across systems."""
    assert company.execute(
        """
        select count(*) > 0, count(*) filter (where use.user_key is null)
        from (select distinct user_key from intermediate.int_seat_assignments) as seats
        left join (select distinct user_key from intermediate.int_usage_days) as use using (user_key)
        """
    ).fetchall() == [(True, 0)]


def test_use_grows_with_adoption_and_falls_before_a_loss(company: duckdb.DuckDBPyConnection) -> None:
    """The causes of the simulation can be seen in the exports."""
    ((correlation,),) = company.execute(
        """
        select corr(people.adoption, use.share)
        from (
            select customer_id, sum(active_user_count) / sum(seat_count) as share
            from ledger.usage_months
            where is_tracked
            group by all
            having sum(active_user_count) > 0
        ) as use
        inner join ledger.customer_truth as people using (customer_id)
        """
    ).fetchall()
    assert correlation > 0.4
