"""Changes to the exports that must change nothing, or only what they say (clarifications B14.1).

A company of forty customers drawn at random is exported again in another shape and built again; the marts are compared row by row.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.golden.random_company import AS_OF, PRODUCTS, RandomCompany, draw
from tests.golden.warehouse import Builder, Company, Row, Warehouse

SEED, CUSTOMERS = 14, 40
CENT = Decimal("0.01")

#: They describe the exports themselves, so a file more or a row twice is theirs to tell.
_ABOUT_FILES = {"dq_rejected_rows", "dq_row_accounting", "dq_exports", "dq_columns", "dq_findings"}
#: They tell when terms of contracts end, so where a line is cut is theirs to tell.
_ABOUT_TERMS = {
    "fct_contract_renewals", "fct_renewal_ratios", "fct_customer_timeline", "fct_health_months",
    "fct_activity_months", "fct_activity_ratios", "fct_value_touch_months", "fct_value_touch_ratios", "fct_value_term_ratios",
    "fct_value_renewals", "fct_value_renewal_ratios", "fct_rep_deals", "fct_rep_deal_ratios", "fct_renewals_calendar",
    "fct_customer_renewals", "fct_customer_renewal_ratios", "fct_service_winbacks", "fct_service_winback_ratios",
    "fct_practice_assessments",
}  # fmt: skip
_METRICS_WITHOUT_TERMS = (
    "metric_key not like '%renewal_rate%' and metric_key not in ('rep_service_attach_rate', 'service_arr_renewed', 'winback_rate')"
    " and metric_key not in (select metric_key from marts.dim_metrics where theme in ('activities', 'value'))"
)
#: What is made of revenue as it is earned, day by day.
_EARNED = {
    "fct_recognised_revenue_months", "fct_service_profit_months", "fct_service_profit_ratios", "fct_customer_profit_months",
    "fct_customer_profit_ratios",
}  # fmt: skip
_EARNED_METRICS = (
    "customer_relationship_margin", "service_direct_revenue", "service_margin", "service_revenue_share",
)  # fmt: skip
#: Measured against percentiles of all customers, which any customer may move (clarifications B14.1).
_AGAINST_PERCENTILES = ("high_touch_coverage_rate",)


@pytest.fixture(scope="module")
def company() -> RandomCompany:
    return draw(SEED, CUSTOMERS)


@pytest.fixture(scope="module")
def original(build: Builder, company: RandomCompany) -> Warehouse:
    return build(company.exports())


def _marts(warehouse: Warehouse) -> list[str]:
    return [
        name
        for (name,) in warehouse.rows(
            "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
        )
    ]


def _same(found: Warehouse, expected: Warehouse, skipped: set[str], metrics: str = "true") -> None:
    """Every mart is the same; of the long ones of all metrics, rows of ``metrics``."""
    tables = [name for name in _marts(expected) if name not in skipped]
    assert {
        "fct_metric_values",
        "fct_retention",
        "fct_customer_months",
        "dim_customers",
        "fct_survival",
    } <= set(tables)
    for name in tables:
        condition = metrics if name.startswith("fct_metric_") else "true"
        query = f"select * from marts.{name} where {condition} order by all"
        assert found.rows(query) == expected.rows(query), name


def _by_segment(warehouse: Warehouse, segment: str) -> list[tuple[object, ...]]:
    return [
        row
        for row in warehouse.rows(
            "select * from marts.fct_metric_values where member = ? order by all", segment
        )
        if row[0] not in _AGAINST_PERCENTILES
    ]


def test_building_twice_gives_identical_rows_in_every_mart(
    build: Builder, company: RandomCompany, original: Warehouse
) -> None:
    _same(build(company.exports()), original, set())


def test_the_order_of_rows_does_not_matter(
    build: Builder, company: RandomCompany, original: Warehouse
) -> None:
    rng = random.Random(SEED)
    exports = company.exports().exports
    for rows in exports.values():
        rng.shuffle(rows)
    _same(build(exports), original, _ABOUT_FILES)


def test_rows_that_come_twice_count_once(build: Builder, company: RandomCompany, original: Warehouse) -> None:
    exports = {
        name: [row for row in rows for _ in range(2)] for name, rows in company.exports().exports.items()
    }
    marts = build(exports)
    _same(marts, original, _ABOUT_FILES)
    duplicates = marts.one("select sum(exact_duplicate_count) from marts.dq_row_accounting")
    assert duplicates == sum(len(rows) for rows in company.exports().exports.values())


def test_files_that_come_twice_count_once(
    build: Builder, company: RandomCompany, original: Warehouse
) -> None:
    """The same full export, dropped on two days."""
    drops = ("2025-06-29", "2025-06-30")
    marts = build(
        {f"{name}/{drop}": rows for name, rows in company.exports().exports.items() for drop in drops}
    )
    _same(marts, original, _ABOUT_FILES)
    duplicates = marts.one("select sum(exact_duplicate_count) from marts.dq_row_accounting")
    assert duplicates == sum(len(rows) for rows in company.exports().exports.values())


def test_two_parallel_halves_of_a_subscription_are_worth_the_whole(
    build: Builder, company: RandomCompany
) -> None:
    halved = deepcopy(company)
    halved.discounts = [discount for discount in halved.discounts if discount.line is None]
    whole = deepcopy(halved)
    for line in list(halved.lines):
        other = deepcopy(line)
        other.line_id += "-half"
        other.mrr = (line.mrr / 2).quantize(CENT)
        line.mrr -= other.mrr
        halved.lines.append(other)
    query = "select customer_id, month_end, mrr_amount from marts.fct_customer_months order by 1, 2"
    expected, found = build(whole.exports()).rows(query), build(halved.exports()).rows(query)
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert max(abs(a[2] - b[2]) for a, b in zip(found, expected, strict=True)) <= CENT


def test_a_line_cut_in_time_is_the_same_line(
    build: Builder, company: RandomCompany, original: Warehouse
) -> None:
    cut = deepcopy(company)
    lines_with_discounts = {discount.line for discount in cut.discounts}
    for line in list(cut.lines):
        end = line.end or AS_OF + timedelta(days=400)
        if line.line_id in lines_with_discounts or (end - line.start).days < 2:
            continue
        second = deepcopy(line)
        second.line_id += "-later"
        second.start = line.end = line.start + (end - line.start) // 2
        line.is_cancelled = False
        cut.lines.append(second)
    assert len(cut.lines) > len(company.lines) * 1.5
    # The line_count of recurring revenue is unchanged too, but not promised.
    told = {"fct_recurring_revenue_months"} | _ABOUT_FILES | _ABOUT_TERMS
    found = build(cut.exports())
    _same(
        found, original, told | _EARNED, f"{_METRICS_WITHOUT_TERMS} and metric_key not in {_EARNED_METRICS}"
    )
    # Revenue earned up to a day is rounded to a millionth for each line: sums of it agree to the cent.
    for name in [*sorted(_EARNED), "fct_metric_contributions", "fct_metric_ratios", "fct_metric_values"]:
        condition = f"metric_key in {_EARNED_METRICS}" if name.startswith("fct_metric_") else "true"
        query = f"select * from marts.{name} where {condition} order by all"
        rows, others = found.rows(query), original.rows(query)
        assert len(rows) == len(others) > 0, name
        for row, other in zip(rows, others, strict=True):
            assert all(
                abs(a - b) <= CENT if isinstance(a, Decimal) and isinstance(b, Decimal) else a == b
                for a, b in zip(row, other, strict=True)
            ), f"{name}: {row} instead of {other}"


def test_names_of_ids_do_not_matter(build: Builder, company: RandomCompany, original: Warehouse) -> None:
    """Every id gets a new name (in the same order, for ties are broken by id); the numbers stay under the new names."""
    ids = (
        "account_id",
        "contract_line_id",
        "contract_id",
        "renewal_of_contract_id",
        "discount_id",
        "invoice_line_id",
        "loss_reason_id",
    )

    def renamed(row: Row) -> Row:
        return {
            key: f"new/{value} é" if key in ids and value is not None else value for key, value in row.items()
        }

    exports = {name: [renamed(row) for row in rows] for name, rows in company.exports().exports.items()}
    marts = build(exports)
    for name in ("fct_metric_values", "fct_survival", "fct_cohort_retention"):
        query = f"select * from marts.{name} order by all"
        assert marts.rows(query) == original.rows(query), name
    for name in (
        "fct_customer_months",
        "fct_retention",
        "fct_revenue_changes",
        "fct_retention_by_product_family",
    ):
        query = f"select {{}} as customer_id, * exclude (customer_id) from marts.{name} order by all"
        plain = "replace(replace(customer_id, 'new/', ''), ' é', '')"
        assert marts.rows(query.format(plain)) == original.rows(query.format("customer_id")), name


def test_an_unrelated_customer_changes_nothing_else(
    build: Builder, company: RandomCompany, original: Warehouse
) -> None:
    extra = company.exports()
    extra.customer("stranger", "Strangers", region="Elsewhere", channel="none")
    extra.line(
        "stranger", "2020-05-10", "2021-02-10", 77, product="suite-basic", contract_line_id="stranger1"
    )
    extra.line("stranger", "2023-05-10", None, 99, product="server", contract_line_id="stranger2")
    marts = build(extra)
    for name in (
        "fct_customer_months",
        "fct_retention",
        "fct_revenue_changes",
        "fct_retention_by_product_family",
        "dim_customers",
    ):
        query = f"select * from marts.{name} where customer_id <> 'templates:stranger' order by all"
        assert marts.rows(query) == original.rows(query), name
    for segment in ("Enterprise", "Mid", "Small"):
        assert _by_segment(marts, segment) == _by_segment(original, segment)
    totals = "select period_end, numerator from marts.fct_metric_values where metric_key = 'mrr' and dimension = 'all'"
    added = dict(marts.rows(totals + " and period_grain = 'month'"))
    for day, amount in original.rows(totals + " and period_grain = 'month'"):
        is_there = date(2020, 5, 10) <= day < date(2021, 2, 10)
        assert added[day] == amount + (77 if is_there else 99 if day >= date(2023, 5, 10) else 0)


def _strangers(company: RandomCompany) -> list[tuple[str, str]]:
    """Pairs of customers without a common product family: together they have no gap that neither has alone."""
    families: dict[str, set[str]] = {name: set() for name in company.customers}
    for line in company.lines:
        families[line.customer].add(PRODUCTS[line.product][0])
    pairs: list[tuple[str, str]] = []
    free = sorted(company.customers)
    for parent in sorted(company.customers):
        for child in free:
            can_pair = child > parent and parent in free and families[parent] and families[child]
            if can_pair and not families[parent] & families[child]:
                pairs.append((parent, child))
                free = [name for name in free if name not in (parent, child)]
                break
    return pairs


@pytest.mark.parametrize("column", ["parent_account_id", "merged_into_account_id"])
def test_moving_accounts_under_a_parent_moves_no_total_and_creates_neither_new_nor_churn(
    build: Builder, company: RandomCompany, original: Warehouse, column: str
) -> None:
    pairs = _strangers(company)
    assert len(pairs) >= 5
    moved = deepcopy(company)
    for parent, child in pairs:
        moved.customers[child][column] = parent
    marts = build(moved.exports())
    count = "select count(*) from marts.dim_customers"
    assert marts.one(count) == original.one(count) - len(pairs)
    query = """
        select period_end, sum(bridge_closing_amount), sum(new_mrr_amount), sum(churn_mrr_amount)
        from marts.fct_retention
        where period_grain = ?
        group by period_end
        order by period_end
    """
    for grain in ("month", "quarter", "year", "t12m"):
        before, after = original.rows(query, grain), marts.rows(query, grain)
        assert [row[:2] for row in after] == [row[:2] for row in before]
        assert all(a[2] <= b[2] and a[3] <= b[3] for a, b in zip(after, before, strict=True))


def test_a_move_within_one_family_only_bridges_what_is_now_one_customers_gap(build: Builder) -> None:
    """Two accounts of one group: the contract moves from one to the other ten days later, which is no churn."""

    def exports(parent: str | None) -> Company:
        company = Company().customer("old", "moving").customer("new", "moving", parent_account_id=parent)
        company.line("old", "2023-01-25", "2024-01-25", 100)
        return company.line("new", "2024-02-04", None, 100)

    apart, together = build(exports(None)), build(exports("old"))
    assert apart.movements()["2024-01"] == {"churn": 100}
    assert together.movements() == {"2023-01": {"new": 100}}
    assert together.mrr("2024-01-31") == 100


def test_a_renewal_recorded_as_a_line_of_its_own_or_as_a_longer_line_is_the_same(build: Builder) -> None:
    def exports(lines: Callable[[Company], Company]) -> Company:
        return lines(Company().customer("A", "one").line("B", "2022-01-01", None, 10))

    longer = build(exports(lambda company: company.line("A", "2023-01-15", "2025-01-15", 100)))
    renewed = build(
        exports(
            lambda company: company.line("A", "2023-01-15", "2024-01-15", 100, contract_id="K1").line(
                "A", "2024-01-15", "2025-01-15", 100, contract_id="K2", renewal_of_contract_id="K1"
            )
        )
    )
    query = "select customer_id, month_end, mrr_amount, relationship_status from marts.fct_customer_months order by all"
    assert renewed.rows(query) == longer.rows(query)
    assert renewed.movements() == longer.movements()


def test_the_drawn_company_is_no_trivial_one(company: RandomCompany, original: Warehouse) -> None:
    """The comparisons above mean something only if the company has all that can go wrong."""
    assert any(line.renewal_of for line in company.lines)
    assert any(line.is_cancelled for line in company.lines)
    assert {"percent", "amount"} == {
        "percent" if d.percent is not None else "amount" for d in company.discounts
    }
    assert any(line.mrr == 0 for line in company.lines)
    bridged, movements = original.one(
        "select sum(bridged_mrr_amount), (select count(distinct movement) from marts.fct_revenue_changes)"
        " from marts.fct_customer_months"
    )
    assert bridged > 0
    assert movements >= 5
