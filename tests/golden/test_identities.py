"""What must hold for every company, shown on companies drawn at random, and an oracle that shares no code with the models."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from tests.golden.random_company import AS_OF, Oracle, RandomCompany, draw
from tests.golden.warehouse import Builder, Company, Warehouse

SEEDS = (1, 2, 3)
CUSTOMERS = 150
CENT = Decimal("0.01")


def _as_reported(company: RandomCompany) -> Company:
    """The company with a third of its lines in euro and yen, and a rate for every month."""
    for number, line in enumerate(company.lines):
        line.currency = ("EUR", "JPY")[number % 6 // 3] if number % 3 == 0 else "USD"
    exports = company.exports()
    for number in range(92):
        day = str(date(2018 + number // 12, number % 12 + 1, 1))
        exports.rate(day, "EUR", f"1.{(number * 37) % 30:02d}").rate(
            day, "JPY", f"0.00{60 + (number * 13) % 30}", "EUR"
        )
    return exports


@pytest.fixture(scope="module")
def built(build: Builder) -> Callable[[int | str], Warehouse]:
    """A company by its seed, or one of them in several currencies as reported; each is built once."""
    warehouses: dict[int | str, Warehouse] = {}

    def warehouse(name: int | str) -> Warehouse:
        if name not in warehouses:
            if isinstance(name, int):
                warehouses[name] = build(draw(name, CUSTOMERS).exports(), as_of_date=str(AS_OF))
            else:
                exports = _as_reported(draw(SEEDS[0], CUSTOMERS))
                warehouses[name] = build(exports, as_of_date=str(AS_OF), fx_mode="as_reported")
        return warehouses[name]

    return warehouse


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def marts(built: Callable[[int | str], Warehouse], seed: int) -> Warehouse:
    return built(seed)


@pytest.fixture
def oracle(seed: int) -> Oracle:
    return _oracle(seed)


@cache
def _oracle(seed: int) -> Oracle:
    return Oracle(draw(seed, CUSTOMERS))


@pytest.fixture(params=(*SEEDS, "as reported"))
def any_currency(request: pytest.FixtureRequest, built: Callable[[int | str], Warehouse]) -> Warehouse:
    return built(request.param)


# ---- The oracle ------------------------------------------------------------------------------------------------------------


def _id(customer_id: str) -> str:
    return customer_id.removeprefix("templates:")


def test_month_end_revenue_of_every_customer_and_family_is_what_the_rules_say(
    marts: Warehouse, oracle: Oracle
) -> None:
    found = {
        (_id(customer), family, day): amount
        for customer, family, day, amount in marts.rows(
            "select customer_id, product_family, month_end, mrr_amount from marts.fct_product_family_months where mrr_amount > 0"
        )
    }
    expected = {
        (customer, family, day): amount
        for (customer, family), months in oracle.history.items()
        for day, amount in months.items()
    }
    assert found.keys() == expected.keys()
    assert {
        key: (found[key], expected[key])
        for key in found
        if abs(found[key] - expected[key]) > Decimal("0.00001")
    } == {}


def test_pending_renewals_are_what_the_rules_say(marts: Warehouse, oracle: Oracle) -> None:
    found = {
        (_id(customer), family, day): amount
        for customer, family, day, amount in marts.rows(
            "select customer_id, product_family, month_end, pending_mrr_amount from marts.fct_product_family_months"
            " where pending_mrr_amount > 0"
        )
    }
    months = {day for (day,) in marts.rows("select month_end from intermediate.int_months")}
    expected = {key: amount for key, amount in oracle.pending.items() if key[2] in months and amount > 0}
    assert found.keys() == expected.keys()
    assert all(abs(found[key] - expected[key]) < Decimal("0.00001") for key in found)


@pytest.mark.parametrize(("grain", "window"), [("month", 1), ("t12m", 12)])
def test_movements_are_what_the_rules_say(marts: Warehouse, oracle: Oracle, grain: str, window: int) -> None:
    found = {
        (_id(customer), day): (movement, change)
        for customer, day, movement, change in marts.rows(
            "select customer_id, period_end, movement, new_mrr_amount + reactivation_mrr_amount + expansion_mrr_amount"
            " - contraction_mrr_amount - churn_mrr_amount from marts.fct_retention where period_grain = ? and movement <> 'none'",
            grain,
        )
    }
    first_month = marts.one("select min(month_start) from intermediate.int_months")
    expected = oracle.movements(window, first_month)
    assert found.keys() == expected.keys()
    wrong = {
        key: (found[key], expected[key])
        for key in found
        if found[key][0] != expected[key][0] or abs(found[key][1] - expected[key][1]) > Decimal("0.00001")
    }
    assert wrong == {}


def test_retention_rates_are_what_the_rules_say(marts: Warehouse, oracle: Oracle) -> None:
    totals = oracle.customer_months()
    for opening, closing in (
        (date(2021, 12, 31), date(2022, 12, 31)),
        (date(2024, 5, 31), date(2025, 5, 31)),
    ):
        cohort = {customer: amount for (customer, day), amount in totals.items() if day == opening}
        now = {customer: totals.get((customer, closing), Decimal(0)) for customer in cohort}
        for key, numerator in {
            "net_revenue_retention": sum(now.values()),
            "gross_revenue_retention": sum(min(now[customer], cohort[customer]) for customer in cohort),
        }.items():
            row = marts.row(key, "t12m", str(closing))
            assert abs(row["numerator"] - numerator) < CENT
            assert abs(row["denominator"] - sum(cohort.values())) < CENT


# ---- Identities ------------------------------------------------------------------------------------------------------------

_BRIDGE = (
    "bridge_opening_amount + new_mrr_amount + reactivation_mrr_amount + expansion_mrr_amount"
    " - contraction_mrr_amount - churn_mrr_amount + fx_impact_mrr_amount - bridge_closing_amount"
)


def test_the_bridge_closes_for_every_customer_and_period(any_currency: Warehouse) -> None:
    assert any_currency.one("select count(*) from marts.fct_retention") > 1000
    assert any_currency.rows(f"select * from marts.fct_retention where {_BRIDGE} <> 0") == []


def test_the_bridge_closes_for_every_family_and_period(any_currency: Warehouse) -> None:
    wrong = "bridge_opening_amount + change_amount + fx_impact_amount <> bridge_closing_amount"
    assert any_currency.rows(f"select * from marts.fct_retention_by_product_family where {wrong}") == []


def test_the_published_bridge_closes_and_opens_where_the_last_one_closed(any_currency: Warehouse) -> None:
    rows = any_currency.rows(
        "select period_grain, period_end, sum(case when member <> 'closing' then numerator end),"
        " max(case when member = 'closing' then numerator end), max(case when member = 'opening' then numerator end)"
        " from marts.fct_metric_values where metric_key = 'recurring_revenue_movements' and dimension = 'movement'"
        " group by all order by all"
    )
    assert len(rows) > 100
    assert [row for row in rows if row[2] != row[3]] == []
    months = [row for row in rows if row[0] == "month"]
    assert all(later[4] == earlier[3] for earlier, later in itertools.pairwise(months))
    mrr = dict(
        any_currency.rows(
            "select period_end, numerator from marts.fct_metric_values where metric_key = 'mrr' and period_grain = 'month'"
            " and dimension = 'all'"
        )
    )
    assert all(mrr.get(row[1], 0) == row[3] for row in months)


def test_drivers_add_up_to_the_change_of_every_family(any_currency: Warehouse) -> None:
    wrong = any_currency.rows(
        "select * from marts.fct_retention_by_product_family where seat_amount + tier_amount + uplift_amount + price_amount"
        " + cross_sell_amount + family_loss_amount <> change_amount"
    )
    assert wrong == []


def test_drivers_add_up_to_expansion_and_contraction_of_every_customer(any_currency: Warehouse) -> None:
    drivers = " + ".join(
        f"{name}_mrr_amount" for name in ("seat", "tier", "uplift", "price", "cross_sell", "family_loss")
    )
    wrong = (
        f"select * from marts.fct_retention where {drivers} <> expansion_mrr_amount - contraction_mrr_amount"
    )
    assert any_currency.rows(wrong) == []


def test_gross_retention_is_at_most_net_retention_and_one(any_currency: Warehouse) -> None:
    rows = any_currency.rows(
        "select gross.numerator, net.numerator, gross.denominator from marts.fct_metric_values as gross"
        " inner join marts.fct_metric_values as net using (period_grain, period_end, dimension, member)"
        " where gross.metric_key = 'gross_revenue_retention' and net.metric_key = 'net_revenue_retention'"
    )
    assert len(rows) > 1000
    assert all(gross <= min(net, denominator) for gross, net, denominator in rows)


def test_dimensions_that_partition_the_customers_add_up(any_currency: Warehouse) -> None:
    wrong = any_currency.rows(
        """
        with sums as (
            select metric_key, period_grain, period_end, dimension, sum(numerator) as numerator, sum(denominator) as denominator
            from marts.fct_metric_values
            where dimension in ('all', 'segment', 'region', 'channel', 'tenure_band') and numerator is not null
            group by all
        )
        select *
        from sums as whole
        inner join sums as parts using (metric_key, period_grain, period_end)
        where
            whole.dimension = 'all' and parts.dimension <> 'all'
            and (whole.numerator, whole.denominator) is distinct from (parts.numerator, parts.denominator)
        """
    )
    assert wrong == []


def test_members_of_a_mix_add_up_to_the_whole(marts: Warehouse) -> None:
    for key, dimension in (
        ("loss_reason_mix", "reason"),
        ("relationship_status", "status"),
        ("growth_reason_mix", "reason"),
    ):
        rows = marts.rows(
            "select sum(numerator), max(denominator) from marts.fct_metric_values where metric_key = ? and dimension = ?"
            " group by period_grain, period_end", key, dimension,
        )  # fmt: skip
        assert rows
        assert all(numerator == denominator for numerator, denominator in rows), key


def test_a_fiscal_year_is_the_trailing_twelve_months_at_its_end(any_currency: Warehouse) -> None:
    columns = "period_end, metric_key, dimension, member, numerator, denominator, value, n, coverage, verdict"
    year, trailing = (
        any_currency.rows(
            f"select {columns} from marts.fct_metric_values where period_grain = ? and month(period_end) = 12"
            " and metric_key in (select metric_key from marts.fct_metric_values where period_grain = 'year')"
            " and metric_key in (select metric_key from marts.fct_metric_values where period_grain = 't12m') order by all",
            grain,
        )
        for grain in ("year", "t12m")
    )
    keys = {row[1] for row in year}
    assert {
        "net_revenue_retention",
        "gross_revenue_retention",
        "customer_retention_rate",
        "nrr_all_revenue",
    } <= keys
    assert year == trailing


def test_contributions_add_up_to_every_published_number(any_currency: Warehouse) -> None:
    query = """
        with sums as (
            select
                metric_key, period_grain, period_end, dimension, member,
                sum(case when is_included then numerator end) as numerator,
                sum(case when is_included then denominator end) as denominator,
                count(case when is_included then 1 end) as n
            from marts.fct_metric_contributions
            -- Of statistics the contributions are the subjects behind a figure that is no sum of theirs.
            where metric_key not in (select metric_key from marts.dim_metrics where kind = 'statistic')
            group by all
            having count(case when is_included then 1 end) > 0
        ),
        published as (
            select published.* from marts.fct_metric_values as published
            inner join (select distinct metric_key, dimension from sums) using (metric_key, dimension)
        )
        {columns}
        from sums
        full outer join published using (metric_key, period_grain, period_end, dimension, member)
    """
    keys = {
        key for (key,) in any_currency.rows("select distinct metric_key from marts.fct_metric_contributions")
    }
    assert {"net_revenue_retention", "customer_retention_rate", "mrr", "recurring_revenue_movements"} <= keys
    wrong = any_currency.rows(
        query.format(
            columns="select metric_key, period_grain, period_end, dimension, member, sums.numerator, published.numerator"
        )
        # Where nothing is known, there is no row that counts, and the published sums are 0.
        + " where coalesce(sums.numerator, case when sums.n is null then 0 end) is distinct from published.numerator"
        " or coalesce(sums.denominator, case when sums.n is null then 0 end)"
        " is distinct from coalesce(published.denominator, case when sums.n is null then 0 end)"
        " order by all"
    )
    assert wrong == []


def test_every_subject_left_out_has_a_reason_and_no_subject_counted_has_one(marts: Warehouse) -> None:
    assert (
        marts.rows(
            "select * from marts.fct_metric_contributions where is_included <> (exclusion_reason is null)"
        )
        == []
    )


# ---- Branches --------------------------------------------------------------------------------------------------------------


def _members(warehouse: Warehouse, table: str, column: str) -> set[str]:
    return {
        value
        for (value,) in warehouse.rows(
            f"select distinct {column} from marts.{table} where {column} is not null"
        )
    }


def test_every_branch_of_the_classifications_occurs(marts: Warehouse) -> None:
    movements = {"new", "reactivation", "expansion", "contraction", "churn", "unchanged"}
    assert _members(marts, "fct_retention", "movement") == movements | {"none"}
    assert movements <= _members(marts, "fct_retention_by_product_family", "movement") <= movements | {"none"}
    assert _members(marts, "fct_revenue_changes", "movement") == movements - {"unchanged"} | {
        "transactional_loss"
    }
    statuses = {"active_recurring", "active_transactional", "dormant_user", "lost"}
    assert _members(marts, "fct_customer_months", "relationship_status") == statuses
    assert _members(marts, "fct_customer_months", "tenure_band") == {"<1", "1–2", "2–3", "3–5", "5+"}
    assert {"not_in_opening", "out_of_scope", "zero_value"} <= _members(
        marts, "fct_metric_contributions", "exclusion_reason"
    )
    assert {"price_budget", "service_quality", "other", "unknown"} <= _members(
        marts, "fct_revenue_changes", "loss_reason"
    )


def test_every_verdict_and_status_occurs(build: Builder) -> None:
    """A half month at the end is provisional, small rates are suppressed, and the default targets have all colours."""
    marts = build(
        draw(SEEDS[1], CUSTOMERS).exports(), as_of_date="2025-06-15", min_denominator=5, min_coverage=0.6
    )
    assert _members(marts, "fct_metric_values", "verdict") == {
        "no_data",
        "provisional",
        "small_n",
        "low_coverage",
        "ok",
    }
    assert _members(marts, "fct_metric_values", "status") == {"green", "amber", "red", "grey"}
    lower_is_better = {
        status
        for (status,) in marts.rows(
            "select distinct status from marts.fct_metric_values where metric_key = 'gross_mrr_churn_rate' and verdict = 'ok'"
        )
    }
    assert {"green", "red"} <= lower_is_better
    assert (
        marts.rows("select * from marts.fct_metric_values where verdict <> 'ok' and status <> 'grey'") == []
    )


def test_an_empty_company_has_no_numbers_and_no_errors(build: Builder) -> None:
    marts = build(Company().line("A", "2024-02-01", "2024-02-01", 100))
    assert marts.rows("select * from marts.fct_customer_months") == []
    assert marts.rows("select * from marts.fct_retention") == []
