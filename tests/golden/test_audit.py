"""Promises of the definitions that one small company each could break."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests import harness
from tests.golden.warehouse import Builder, Company, Warehouse, month_ends, six


@pytest.fixture(scope="module")
def shop(build: Builder) -> Warehouse:
    """Customers with a trap each, told apart by segment; no exchange rate for currency ZZZ."""
    company = Company().rate("2025-01-01", "JPY", "0.0066")
    for segment, accounts in (
        ("mutual", "M"), ("early", "E"), ("currencies", "X"), ("reason", "R"), ("partly", ("P1", "P2")), ("unpriced", ("U1", "U2")),
        ("invoiced", ("I1", "I2")), ("same day", "S"),
    ):  # fmt: skip
        company.segment_of(segment, *accounts)
    company.line("M", "2024-01-01", None, 100, contract_id="M1", renewal_of_contract_id="M2")
    company.line("M", "2024-06-01", None, 120, contract_id="M2", renewal_of_contract_id="M1")
    company.line("E", "2024-03-01", "2025-03-01", 100, contract_id="E1")
    company.line("E", "2024-01-01", "2024-03-01", 50, contract_id="E2", renewal_of_contract_id="E1")
    company.line("S", "2024-01-01", None, 100, contract_id="S1", renewal_of_contract_id="S2")
    company.line("S", "2024-01-01", None, 120, contract_id="S2", renewal_of_contract_id="S1")
    company.add(
        "contract_discounts",
        discount_id="d1",
        account_id="U2",
        contract_id="gone",
        percent_off="0.5",
        duration="forever",
        start_date="2024-01-01",
    )
    company.add(
        "loss_reasons",
        loss_reason_id="lost",
        account_id="gone",
        reason_date="2025-01-02",
        reason_source="cs_risk",
        reason_raw="price",
    )
    company.line("X", "2024-01-01", "2024-01-20", 100)
    company.line("X", "2024-01-20", None, 110)
    company.line("X", "2024-01-20", "2024-02-10", -5000, currency="jpy")
    company.line("R", "2024-01-01", "2025-01-01", 100, is_cancelled="true")
    for number, (source, raw) in enumerate((("crm_renewal", "n/a"), ("billing_cancel", "too expensive"))):
        company.add(
            "loss_reasons",
            loss_reason_id=number,
            account_id="R",
            reason_date="2025-01-02",
            reason_source=source,
            reason_raw=raw,
        )
    company.line("P1", "2024-01-01", "2025-01-01", 100, is_cancelled="true").line(
        "P1", "2024-01-01", None, 100, currency="ZZZ", product="z"
    )
    company.line("P2", "2024-01-01", None, 100)
    company.line("U1", "2024-01-01", None, 100, currency="ZZZ").line("U2", "2024-01-01", None, 100)
    company.invoice("I1", "2024-03-01", 1000, "one_time").invoice(
        "I1", "2025-03-01", 1000, "one_time", currency="ZZZ"
    )
    company.invoice("I2", "2024-03-01", 1000, "one_time", currency="ZZZ").invoice(
        "I2", "2025-03-01", 1000, "one_time", currency="ZZZ"
    )
    return build(company)


def test_contracts_that_renew_each_other_or_a_later_one_wipe_out_no_revenue(shop: Warehouse) -> None:
    assert [shop.mrr(month, "mutual") for month in ("2024-05-31", "2024-06-30")] == [100, 120]
    assert [
        shop.mrr(month, "early") for month in ("2024-02-29", "2024-03-31", "2025-02-28", "2025-03-31")
    ] == [50, 100, 100, 0]
    assert shop.mrr("2024-02-29", "same day") == 120
    listed = shop.rows(
        "select subject_id, detail from marts.dq_findings where finding = 'contract starts before the contract it renews' order by 1"
    )
    assert listed == [("templates:E2", "templates:E1"), ("templates:M1", "templates:M2")]


def test_discounts_and_loss_reasons_that_belong_nowhere_are_listed(shop: Warehouse) -> None:
    assert shop.rows("select subject_id, detail from marts.dq_findings where finding like '%that is not there' order by 1") == [
        ("templates:d1", "templates:gone"), ("templates:lost", "templates:gone")
    ]  # fmt: skip


def test_amounts_of_several_currencies_are_never_added_up_unconverted(shop: Warehouse) -> None:
    assert shop.mrr("2024-01-31", "currencies") == 110 - 33


def test_an_unknown_reason_of_the_crm_does_not_hide_what_billing_knows(shop: Warehouse) -> None:
    assert (
        shop.one(
            "select loss_reason from marts.fct_revenue_changes where customer_id = 'templates:R' and movement = 'churn'"
        )
        == "price_budget"
    )


def test_a_customer_with_an_unpriced_line_shows_no_movement_of_the_rest(shop: Warehouse) -> None:
    assert shop.rows("select * from marts.fct_revenue_changes where customer_id = 'templates:P1'") == []


def test_customers_without_an_exchange_rate_count_as_customers_and_lower_coverage(shop: Warehouse) -> None:
    assert shop.value("revenue_generating_customer_count", "month", "2025-06-30", "unpriced") == 2
    assert shop.value("customer_retention_rate", "t12m", "2025-06-30", "unpriced") == 1
    row = shop.row("net_revenue_retention", "t12m", "2025-06-30", "unpriced")
    assert (row["value"], row["n"], row["coverage"]) == (1, 1, six("0.5"))
    assert (
        shop.rows(
            "select * from marts.fct_cohort_retention where months_since_start = 0 and customer_retention_rate < 1"
        )
        == []
    )


def test_invoices_without_an_exchange_rate_are_payments_of_an_unknown_amount(shop: Warehouse) -> None:
    assert shop.value("customer_retention_rate", "t12m", "2025-06-30", "invoiced") == 1
    for key in ("nrr_all_revenue", "existing_customer_revenue_share"):
        row = shop.row(key, "t12m", "2025-06-30", "invoiced")
        assert (row["value"], row["n"], row["coverage"], row["verdict"]) == (None, 0, 0, "no_data"), key
    row = shop.row("customer_relationship_value", "month", "2025-06-30", "invoiced")
    assert (row["value"], row["verdict"]) == (None, "no_data")


def test_a_renewal_lost_in_the_crm_ends_a_contract_of_another_system(build: Builder) -> None:
    crm = {"account_id": "001", "created_date": "2024-06-01"}
    exports: dict[str, list[dict[str, Any]]] = {
        "templates/customers": [{"account_id": "B1", "crm_account_id": "001"}],
        "templates/contract_lines": [
            {"contract_line_id": "1", "account_id": "B1", "start_date": "2024-06-15", "end_date": "2025-06-15", "mrr_amount": 100}
        ],
        "salesforce/account": [{"id": "001", "name": "Acme", "created_date": "2024-01-01"}],
        "salesforce/contract": [{"id": "800", "status": "Activated", "start_date": "2024-06-15", "contract_term": 12, **crm}],
        "salesforce/opportunity": [
            {"id": "006", "type": "Renewal", "stage_name": "Closed Lost", "is_closed": "true", "is_won": "false", "close_date": "2025-06-10",
             "contract_id": "800", **crm}
        ],
    }  # fmt: skip
    company = build(exports, systems=["salesforce", "templates"])
    assert [company.mrr(month) for month in ("2025-05-31", "2025-06-30")] == [100, 0]


@pytest.fixture(scope="module")
def abroad(build: Builder) -> Warehouse:
    """As reported: the euro gains a cent a month; no rate of the pound around 31 March of any year."""
    company = Company()
    for segment, account in (("gone", "C"), ("hole", "O"), ("buyer", "V")):
        company.segment_of(segment, account)
    company.line("C", "2023-01-01", "2025-02-10", 100, currency="EUR", is_cancelled="true").line(
        "O", "2023-01-01", None, 100, currency="GBP"
    )
    for day, rate in (("2023-09-15", "1.0"), ("2024-09-15", "1.5")):
        company.invoice("V", day, 1000, "one_time", currency="EUR").rate(day, "EUR", rate)
    for number, month_end in enumerate(month_ends(date(2022, 12, 1), date(2025, 6, 30))):
        company.rate(str(month_end), "EUR", Decimal("1.00") + Decimal("0.01") * number)
        if month_end.month not in (2, 3):
            company.rate(str(month_end), "GBP", 2)
    return build(company, fx_mode="as_reported")


def test_as_reported_ratios_stay_at_constant_rates(abroad: Warehouse) -> None:
    for key in ("gross_mrr_churn_rate", "net_mrr_churn_rate"):
        assert [abroad.value(key, grain, "2025-02-28", "gone") for grain in ("month", "t12m")] == [1, 1], key
    assert abroad.value("nrr_all_revenue", "t12m", "2024-12-31", "buyer") == 1


def test_as_reported_balances_are_those_of_the_bridge(abroad: Warehouse) -> None:
    bridge = abroad.bridge("month", "2025-01-31")
    assert bridge["fx_impact"] == 1
    assert abroad.value("mrr", "month", "2025-01-31") == bridge["closing"] == 325
    assert abroad.value("arr", "month", "2025-01-31") == 12 * 325
    assert abroad.value("net_recurring_revenue_change", "month", "2025-01-31") == 1


def test_a_month_end_without_a_rate_is_unknown_as_reported_and_listed(abroad: Warehouse) -> None:
    row = abroad.row("mrr", "month", "2025-03-31", "hole")
    assert (row["value"], row["coverage"], row["verdict"]) == (None, 0, "no_data")
    for month in ("2025-03-31", "2025-04-30"):
        found = harness.metric(
            abroad.connection, "recurring_revenue_movements", "month", month, "movement", "fx_impact"
        )
        assert found is not None and (found["value"], found["coverage"], found["verdict"]) == (
            None,
            0,
            "no_data",
        )
    assert abroad.rows(
        "select subject_id, detail from marts.dq_findings where finding like 'no exchange rate on%'"
    ) == [("GBP", "3 month-ends, first 2023-03-31")]


@pytest.mark.parametrize("start", ["2023-01-01", "2023-01-31"])
def test_what_needs_months_before_the_history_is_not_made_up(build: Builder, start: str) -> None:
    company = Company().line("A", "2020-01-01", None, 100).line("B", "2023-05-01", None, 50)
    company.invoice("L", "2022-09-01", 1000, "one_time", licence_model="perpetual")
    for day in month_ends(date(2021, 1, 1), date(2025, 6, 30)):
        company.invoice("T", str(day), 100, "one_time")
    shown = build(company, history_start_month=start)
    values = {
        month: shown.value("customer_relationship_value", "month", month)
        for month in ("2023-01-31", "2023-11-30", "2023-12-31")
    }
    assert values == {"2023-01-31": None, "2023-11-30": None, "2023-12-31": 12 * 150 + 1200}
    # A purchase that the export shows keeps its owner active, also from before the history.
    statuses = shown.rows(
        "select relationship_status, max(month_end) from marts.fct_customer_months where customer_id = 'templates:L' group by 1 order by 2"
    )
    assert statuses == [("active_transactional", date(2023, 8, 31)), ("lost", date(2025, 6, 30))]
    # The opening balance is no cohort.
    assert shown.rows("select distinct cohort_quarter from marts.fct_cohort_retention") == [
        (date(2023, 4, 1),)
    ]


def test_cohorts_are_fiscal_quarters(build: Builder) -> None:
    company = Company().line("A", "2023-03-01", None, 100).line("B", "2023-04-01", None, 100)
    shown = build(company, fiscal_year_start_month=2)
    assert shown.rows("select distinct cohort_quarter from marts.fct_cohort_retention") == [
        (date(2023, 2, 1),)
    ]


def test_product_families_migrated_in_several_steps_are_one(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = harness.compiled

    def with_migrations(*arguments: str) -> tuple[harness.Node, ...]:
        seed = "select * from (values ('x', 'y'), ('y', 'z'), ('p', 'q'), ('q', 'p')) as seed (product_family, migrated_to_family)"
        return tuple(
            harness.Node(node.schema, node.name, node.materialized, seed)
            if node.name == "product_migrations"
            else node
            for node in compiled(*arguments)
        )

    monkeypatch.setattr(harness, "compiled", with_migrations)
    company = Company()
    for product in "xyzpq":
        company.add("products", product_id=product, product_family=product)
    company.line("A", "2023-01-01", "2024-01-20", 100, product="x").line(
        "A", "2024-02-10", "2024-06-20", 100, product="y"
    )
    company.line("A", "2024-07-10", None, 100, product="z").line(
        "B", "2023-01-01", None, 10, product="p"
    ).line("B", "2023-01-01", None, 10, product="q")
    shown = build(company)
    assert shown.rows("select customer_id, product_family from marts.fct_product_family_months group by all order by all") == [
        ("templates:A", "z"), ("templates:B", "p")
    ]  # fmt: skip
    assert shown.rows("select * from marts.fct_revenue_changes where movement <> 'new'") == []


def test_volatility_needs_twelve_months_in_a_row_that_may_be_shown(build: Builder) -> None:
    company = Company()
    for number in range(4):
        company.line(f"A{number}", "2022-01-01", None, 100 + number)
    shown = build(company, min_denominator=5)
    assert shown.rows("select * from marts.fct_metric_values where metric_key like '%volatility'") == []
    shown = build(company, min_denominator=4)
    assert shown.value("customer_retention_volatility", "t12m", "2025-05-31") == 0
