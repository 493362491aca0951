"""The Stripe connector: vendor samples stage unchanged, and each rule of subscription billing gives the line it should.

All scenarios are customers of one small raw folder, built once; each test then reads its own customer.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import VENDOR_SAMPLES, build, build_files
from tests.harness import reason_key, write_csv

SAMPLES = VENDOR_SAMPLES / "stripe"

EXPORTS = (
    "coupon",
    "credit_note",
    "customer",
    "discount",
    "invoice",
    "invoice_line_item",
    "plan",
    "price",
    "product",
    "subscription_discount",
    "subscription_history",
    "subscription_item",
)

Row = dict[str, Any]


# ---- vendor samples --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not SAMPLES.is_dir():
        pytest.skip(f"no vendor samples at {SAMPLES}; set POSTSALE_SHARED_DATA")
    files = [SAMPLES / f"{export}_data.csv" for export in EXPORTS]
    with build_files(tmp_path_factory.mktemp("stripe_samples"), "stripe", files, model_cache) as connection:
        yield connection


@pytest.mark.parametrize("export", EXPORTS)
def test_every_sample_record_is_staged(samples: duckdb.DuckDBPyConnection, export: str) -> None:
    with (SAMPLES / f"{export}_data.csv").open(newline="") as file:
        record_count = sum(1 for record in csv.reader(file) if record) - 1
    verdicts = samples.execute(
        f"select _row_status, count(*) from staging.base_stripe__{export} group by 1"
    ).fetchall()
    assert verdicts == [("accepted", record_count)]
    own_rows = f"select count(*) from staging.stg_stripe__{export}"
    if export == "price":
        own_rows += " where price_id in (select id from staging.base_stripe__price)"
    assert samples.execute(own_rows).fetchone() == (record_count,)


def test_sample_items_are_all_accounted_for(samples: duckdb.DuckDBPyConnection) -> None:
    """Two items have a subscription in the export, twelve have none: kept with their reason, counted nowhere."""
    reasons = samples.execute(
        "select exclusion_reason, count(*) from intermediate.int_contract_lines__stripe group by 1 order by 1 nulls first"
    ).fetchall()
    assert reasons == [(None, 2), ("no_account", 12)]


# ---- scenarios -------------------------------------------------------------------------------------------------------


class Stripe:
    """A Stripe account in the making: rows of its exports, in minor units and UTC timestamps as Stripe writes them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)

    def add(self, export: str, **row: Any) -> None:
        self.rows[export].append(row)

    def subscription(
        self,
        name: str,
        status: str = "active",
        *,
        start: str = "2024-01-01",
        period: tuple[str, str] = ("2024-04-01", "2024-05-01"),
        **row: Any,
    ) -> None:
        """A customer `name` with one version of a subscription sub_`name`; further versions come by `version`."""
        if not any(customer["id"] == name for customer in self.rows["customer"]):
            self.add(
                "customer", id=name, name=name.title(), created=start, livemode=row.get("livemode", "true")
            )
        self.version(name, status, start=start, period=period, **row)

    def version(
        self,
        name: str,
        status: str,
        *,
        start: str = "2024-01-01",
        period: tuple[str, str] = ("2024-04-01", "2024-05-01"),
        **row: Any,
    ) -> None:
        values = {
            "id": f"sub_{name}",
            "customer_id": name,
            "status": status,
            "created": start,
            "start_date": start,
            "current_period_start": period[0],
            "current_period_end": period[1],
            "livemode": "true",
            "_fivetran_active": "true",
        }
        self.add("subscription_history", **{**values, **row})

    def item(
        self, name: str, price: str = "monthly_20", quantity: int | None = 5, *, suffix: str = "", **row: Any
    ) -> None:
        self.add(
            "subscription_item",
            id=f"si_{name}{suffix}",
            subscription_id=f"sub_{name}",
            plan_id=price,
            quantity=quantity,
            **row,
        )

    def bill(
        self,
        name: str,
        start: str,
        end: str,
        amount: int,
        quantity: int | None = 5,
        *,
        price: str | None = "monthly_20",
        suffix: str = "",
        created: str | None = None,
        invoice: str | None = None,
        status: str = "paid",
        **row: Any,
    ) -> None:
        """One line for [start, end); without `invoice` on an invoice of its own, made on the first day billed."""
        number = len(self.rows["invoice_line_item"])
        if invoice is None:
            invoice = f"in_{name}_{number}"
            self.invoice(invoice, name, status=status, created=created or start)
        values = {
            "id": f"il_{number}",
            "invoice_id": invoice,
            "subscription_id": f"sub_{name}",
            "subscription_item_id": f"si_{name}{suffix}",
            "price_id": price,
            "amount": amount,
            "currency": "usd",
            "quantity": quantity,
            "proration": "false",
            "type": "subscription",
            "period_start": start,
            "period_end": end,
        }
        self.add("invoice_line_item", **{**values, **row})

    def invoice(
        self, invoice: str, name: str, *, status: str = "paid", created: str = "2024-01-01", **row: Any
    ) -> None:
        self.add(
            "invoice",
            **{
                "id": invoice,
                "customer_id": name,
                "subscription_id": f"sub_{name}",
                "status": status,
                "currency": "usd",
                "created": created,
                **row,
            },
        )

    def months(
        self, name: str, first: int, last: int, amount: int = 10_000, quantity: int = 5, **row: Any
    ) -> None:
        """Regular monthly lines of 2024, `first` to `last` month."""
        for month in range(first, last + 1):
            self.bill(name, f"2024-{month:02}-01", f"2024-{month + 1:02}-01", amount, quantity, **row)

    def write(self, folder: Path) -> None:
        for export, rows in self.rows.items():
            write_csv(folder / f"{export}.csv", rows)


def catalogue(stripe: Stripe) -> None:
    stripe.add(
        "product",
        id="prod_app",
        name="App",
        created="2023-01-01",
        unit_label="seat",
        metadata='{"product_family": "Platform", "tier_rank": "2"}',
    )
    stripe.add(
        "product", id="prod_care", name="Care", created="2023-01-01", metadata='{"offer_type": "Support"}'
    )
    stripe.add(
        "product",
        id="prod_box",
        name="Box",
        created="2023-01-01",
        metadata='{"licence_model": "perpetual", "offer_type": "product"}',
    )
    stripe.add(
        "product",
        id="prod_odd",
        name="Odd",
        created="2023-01-01",
        metadata='{"offer_type": "hardware", "licence_model": "leased", "tier_rank": "high"}',
    )

    def price(
        name: str, unit: int | None, interval: str | None = "month", count: int | None = 1, **row: Any
    ) -> None:
        values = {
            "id": name,
            "product_id": "prod_app",
            "currency": "usd",
            "unit_amount": unit,
            "type": "recurring" if interval else "one_time",
            "recurring_interval": interval,
            "recurring_interval_count": count if interval else None,
            "recurring_usage_type": "licensed" if interval else None,
            "billing_scheme": "per_unit",
            "created": "2023-01-01",
        }
        stripe.add("price", **{**values, **row})

    price("monthly_20", 2_000)
    price("yearly_240", 24_000, "year")
    price("quarterly_60", 6_000, "month", 3)
    price("weekly_12", 1_200, "week")
    price("daily_1", 100, "day")
    price("yen_1500", 1_500, currency="jpy")
    price("dinar_12", 12_345, currency="kwd")
    price("fraction", 1, unit_amount_decimal="0.5")
    price("tiered", None, billing_scheme="tiered")
    price("metered", 10, recurring_usage_type="metered")
    price("per_ten", 900, transform_quantity_divide_by=10, transform_quantity_round="up")
    price("gross_of_tax", 2_400, tax_behavior="inclusive")
    price("care", 5_000, product_id="prod_care")
    price("licence", 90_000, None, product_id="prod_box")
    price("setup", 50_000, None, product_id="prod_care")
    # The older form of a price, and one that a price repeats.
    stripe.add(
        "plan",
        id="old_plan",
        product_id="prod_app",
        currency="usd",
        amount=1_000,
        interval="month",
        interval_count=1,
        usage_type="licensed",
        created="2019-01-01",
    )
    stripe.add(
        "plan",
        id="monthly_20",
        product_id="prod_app",
        currency="usd",
        amount=9_999,
        interval="month",
        interval_count=1,
        usage_type="licensed",
        created="2019-01-01",
    )


def scenarios() -> Stripe:
    s = Stripe()
    catalogue(s)

    # Past months come from the invoices, today's item from its current period on.
    s.subscription("repriced")
    s.item("repriced", quantity=6)
    s.months("repriced", 1, 3, 9_000, 5)
    s.bill("repriced", "2024-04-01", "2024-05-01", 12_000, 6)

    s.subscription("steady")
    s.item("steady")
    s.months("steady", 1, 4)

    s.subscription("yearly", start="2023-02-01", period=("2024-02-01", "2025-02-01"))
    s.item("yearly", "yearly_240")
    s.bill("yearly", "2023-02-01", "2024-02-01", 96_000, price="yearly_240")
    s.bill("yearly", "2024-02-01", "2025-02-01", 120_000, price="yearly_240")

    s.subscription("uninvoiced", start="2022-01-01")
    s.item("uninvoiced")

    s.subscription("item_period", period=(None, None))  # type: ignore[arg-type]
    s.item("item_period", current_period_start="2024-03-10", current_period_end="2024-04-10")

    for name, price, quantity in [
        ("quarterly", "quarterly_60", 1), ("weekly", "weekly_12", 1), ("daily", "daily_1", 1), ("yen", "yen_1500", 2), ("dinar", "dinar_12", 1),
        ("fraction", "fraction", 1_001), ("packages", "per_ten", 25), ("planned", "old_plan", 3),
    ]:  # fmt: skip
        s.subscription(name)
        s.item(name, price, quantity)
    s.bill("yen", "2024-03-01", "2024-04-01", 2_000, 1, price="yen_1500", currency="jpy")

    # No price says the interval: the period does.
    s.subscription("no_price")
    s.bill("no_price", "2024-01-01", "2024-07-01", 60_000, price=None)

    # Trials.
    s.subscription(
        "trialing",
        "trialing",
        start="2024-04-01",
        period=("2024-04-01", "2024-04-15"),
        trial_start="2024-04-01",
        trial_end="2024-04-15",
    )
    s.item("trialing")
    s.subscription(
        "converted",
        start="2024-01-01",
        trial_start="2024-01-01 09:00:00",
        trial_end="2024-01-15 09:00:00",
        period=("2024-03-15", "2024-04-15"),
    )
    s.item("converted")
    s.bill("converted", "2024-01-01 09:00:00", "2024-01-15 09:00:00", 0)
    s.bill("converted", "2024-01-15", "2024-02-15", 10_000)
    s.bill("converted", "2024-02-15", "2024-03-15", 10_000)
    s.version(
        "converted",
        "trialing",
        trial_start="2024-01-01",
        trial_end="2024-01-15",
        period=("2024-01-01", "2024-01-15"),
        _fivetran_active="false",
        _fivetran_start="2024-01-01 09:00:00",
        _fivetran_end="2024-01-17",
    )
    s.rows["subscription_history"][-2].update(_fivetran_start="2024-01-17")
    s.subscription(
        "trial_dropped",
        "canceled",
        start="2024-04-01",
        trial_start="2024-04-01",
        trial_end="2024-04-15",
        ended_at="2024-04-15",
        canceled_at="2024-04-10",
        period=("2024-04-01", "2024-04-15"),
    )
    s.item("trial_dropped")

    # Statuses.
    s.subscription("late", "past_due")
    s.item("late")
    s.months("late", 1, 3)
    s.bill("late", "2024-04-01", "2024-05-01", 10_000, status="open")
    s.subscription("late_since", "past_due", _fivetran_start="2024-03-05")
    s.version(
        "late_since",
        "active",
        _fivetran_start="2024-01-01",
        _fivetran_active="false",
        _fivetran_end="2024-03-05",
    )
    s.item("late_since")
    s.months("late_since", 1, 4)
    s.subscription("late_recovered", _fivetran_start="2024-03-20")
    s.version(
        "late_recovered",
        "past_due",
        _fivetran_start="2024-03-05",
        _fivetran_active="false",
        _fivetran_end="2024-03-20",
    )
    s.item("late_recovered")
    s.months("late_recovered", 1, 4)
    s.subscription("unpaid", "unpaid")
    s.item("unpaid")
    s.months("unpaid", 1, 3)
    s.bill("unpaid", "2024-04-01", "2024-05-01", 10_000, status="open")
    s.subscription("unpaid_since", "unpaid", _fivetran_start="2024-04-20")
    s.version(
        "unpaid_since",
        "past_due",
        _fivetran_start="2024-04-03",
        _fivetran_active="false",
        _fivetran_end="2024-04-20",
    )
    s.version(
        "unpaid_since",
        "active",
        _fivetran_start="2024-01-01",
        _fivetran_active="false",
        _fivetran_end="2024-04-03",
    )
    s.item("unpaid_since")
    s.months("unpaid_since", 1, 4)
    s.subscription(
        "unpaid_for_good",
        "canceled",
        _fivetran_start="2024-05-01",
        ended_at="2024-05-01",
        canceled_at="2024-05-01",
    )
    s.version(
        "unpaid_for_good",
        "unpaid",
        _fivetran_start="2024-04-20",
        _fivetran_active="false",
        _fivetran_end="2024-05-01",
    )
    s.version(
        "unpaid_for_good",
        "active",
        _fivetran_start="2024-01-01",
        _fivetran_active="false",
        _fivetran_end="2024-04-20",
    )
    s.item("unpaid_for_good")
    s.months("unpaid_for_good", 1, 4)
    s.subscription("never_paid", "incomplete_expired", start="2024-04-01")
    s.item("never_paid")
    s.subscription("first_try", _fivetran_start="2024-04-01 10:05:00", start="2024-04-01")
    s.version(
        "first_try",
        "incomplete",
        _fivetran_start="2024-04-01 10:00:00",
        _fivetran_active="false",
        _fivetran_end="2024-04-01 10:05:00",
    )
    s.item("first_try")

    # Pauses.
    s.subscription("paused", pause_collection_behavior="void", _fivetran_start="2024-03-01")
    s.version(
        "paused", "active", _fivetran_start="2024-01-01", _fivetran_active="false", _fivetran_end="2024-03-01"
    )
    s.item("paused")
    s.months("paused", 1, 2)
    s.bill("paused", "2024-03-01", "2024-04-01", 10_000, status="void")
    s.subscription("paused_unseen", pause_collection_behavior="void")
    s.item("paused_unseen")
    s.months("paused_unseen", 1, 3)
    s.subscription(
        "pausing_until",
        pause_collection_behavior="void",
        pause_collection_resumes_at="2024-06-10",
        _fivetran_start="2024-04-10",
    )
    s.version(
        "pausing_until",
        "active",
        _fivetran_start="2024-01-01",
        _fivetran_active="false",
        _fivetran_end="2024-04-10",
    )
    s.item("pausing_until")
    s.months("pausing_until", 1, 4)
    s.subscription("resumed", _fivetran_start="2024-03-20")
    s.version(
        "resumed",
        "active",
        pause_collection_behavior="mark_uncollectible",
        pause_collection_resumes_at="2024-12-01",
        _fivetran_start="2024-02-10",
        _fivetran_active="false",
        _fivetran_end="2024-03-20",
    )
    s.version(
        "resumed",
        "active",
        _fivetran_start="2024-01-01",
        _fivetran_active="false",
        _fivetran_end="2024-02-10",
    )
    s.item("resumed")
    s.months("resumed", 1, 4)

    # Ends.
    s.subscription("leaving", cancel_at_period_end="true", canceled_at="2024-04-09 12:00:00")
    s.item("leaving", quantity=6)
    s.months("leaving", 1, 3)
    s.subscription("leaving_on", cancel_at="2024-06-15 18:00:00", canceled_at="2024-04-09")
    s.item("leaving_on")
    s.subscription(
        "left",
        "canceled",
        ended_at="2024-04-11 23:30:00",
        canceled_at="2024-04-11 23:30:00",
        cancellation_details_reason="cancellation_requested",
        cancellation_details_feedback="too_expensive",
    )
    s.item("left")
    s.months("left", 1, 4)
    s.subscription(
        "left_at_once",
        "canceled",
        start="2024-04-01",
        ended_at="2024-04-01 17:00:00",
        canceled_at="2024-04-01 17:00:00",
        cancellation_details_reason="cancellation_requested",
    )
    s.item("left_at_once")
    s.subscription("gone", _fivetran_active="false", _fivetran_start="2024-01-01", _fivetran_end="2024-04-20")
    s.item("gone")
    s.subscription("gone_undated", _fivetran_active="false")
    s.item("gone_undated")
    s.subscription("one_off")
    s.item("one_off")
    s.months("one_off", 1, 4)
    s.months("one_off", 1, 2, 5_000, 1, price="care", suffix="_care")

    # Evidence.
    s.subscription("corrected")
    s.item("corrected")
    s.bill("corrected", "2024-01-01", "2024-02-01", 10_000)
    s.bill("corrected", "2024-02-01", "2024-03-01", 10_000)
    s.bill("corrected", "2024-02-01", "2024-03-01", 8_000, 4, created="2024-02-20")
    s.bill("corrected", "2024-03-01", "2024-04-01", 10_000)
    s.subscription("switched", period=("2024-06-01", "2024-07-01"))
    s.item("switched")
    s.bill("switched", "2023-09-01", "2024-09-01", 96_000, price="yearly_240")
    s.bill("switched", "2024-05-01", "2024-06-01", 10_000)
    s.subscription("backdated", period=("2025-01-01", "2026-01-01"))
    s.item("backdated", "yearly_240")
    s.months("backdated", 1, 3)
    s.bill("backdated", "2024-01-15", "2025-01-01", 96_000, price="yearly_240", created="2024-03-20")
    s.subscription("bad_papers")
    s.item("bad_papers")
    s.bill("bad_papers", "2024-01-01", "2024-02-01", 10_000, status="uncollectible")
    s.bill("bad_papers", "2024-02-01", "2024-03-01", 10_000, status="void")
    s.bill("bad_papers", "2024-03-01", "2024-04-01", 10_000, status="draft")
    s.bill("bad_papers", "2024-03-01", "2024-04-01", 10_000, invoice="in_not_exported")
    s.subscription("prorated")
    s.item("prorated", quantity=8)
    s.months("prorated", 1, 2)
    s.bill("prorated", "2024-02-10", "2024-03-01", -6_897, proration="true", type="invoiceitem")
    s.bill("prorated", "2024-02-10", "2024-03-01", 11_034, 8, proration="true", type="invoiceitem")
    s.bill("prorated", "2024-03-01", "2024-04-01", 16_000, 8)
    s.subscription("tiers")
    s.item("tiers", "tiered", 12)
    s.invoice("in_tiers_3", "tiers", created="2024-03-01")
    s.bill("tiers", "2024-03-01", "2024-04-01", 10_000, 10, price="tiered", invoice="in_tiers_3")
    s.bill("tiers", "2024-03-01", "2024-04-01", 500, 1, price="tiered", invoice="in_tiers_3")
    s.invoice("in_tiers_4", "tiers", created="2024-04-01")
    s.bill("tiers", "2024-04-01", "2024-05-01", 10_000, 10, price="tiered", invoice="in_tiers_4")
    s.bill("tiers", "2024-04-01", "2024-05-01", 1_000, 2, price="tiered", invoice="in_tiers_4")
    s.subscription("usage")
    s.item("usage", "metered", None)
    s.bill("usage", "2024-03-01", "2024-04-01", 1_230, 123, price="metered")
    s.subscription("taxed")
    s.item("taxed", "gross_of_tax", 5)
    s.bill(
        "taxed", "2024-03-01", "2024-04-01", 12_000, 5, price="gross_of_tax", unit_amount_excluding_tax="2000"
    )
    s.bill("taxed", "2024-04-01", "2024-05-01", 12_000, 5, price="gross_of_tax", amount_excluding_tax="10000")
    s.subscription("old_lines")
    s.item("old_lines", "old_plan", 3)
    s.bill(
        "old_lines",
        "2024-03-01",
        "2024-04-01",
        2_000,
        2,
        price=None,
        plan_id="old_plan",
        subscription_item_id="",
    )
    s.bill("orphan", "2024-03-01", "2024-04-01", 10_000)

    s.subscription("test_mode", livemode="false")
    s.item("test_mode")
    s.bill("test_mode", "2024-03-01", "2024-04-01", 10_000, invoice="in_test", livemode="false")
    s.invoice("in_test", "test_mode", livemode="false")

    # Customers.
    s.add(
        "customer",
        id="linked",
        name="Ada Lovelace",
        created="2024-01-01",
        address_country="DE",
        is_deleted="true",
        metadata='{"sfdc_account_id": "001A", "company_name": "Linked Ltd", "segment": "Enterprise", "region": "EMEA", "channel": "partner"}',
    )
    s.add(
        "customer",
        id="linked_too",
        name="Linked too",
        created="2024-01-01",
        metadata='{"salesforce_account_id": "001B"}',
    )

    # Coupons.
    s.add("coupon", id="half", percent_off="50", duration="forever", created="2024-01-01")
    s.add(
        "coupon",
        id="half_for_3",
        percent_off="50",
        duration="repeating",
        duration_in_months=3,
        created="2024-01-01",
    )
    s.add("coupon", id="yen_off", amount_off=300, currency="jpy", duration="forever", created="2024-01-01")
    s.add("coupon", id="ten_off", amount_off=1_000, currency="usd", duration="forever", created="2024-01-01")
    s.add("coupon", id="first_free", percent_off="100", duration="once", created="2024-01-01")
    s.add(
        "coupon",
        id="test_coupon",
        percent_off="10",
        duration="forever",
        livemode="false",
        created="2024-01-01",
    )
    s.add(
        "subscription_discount",
        id="di_forever",
        subscription_id="sub_steady",
        customer_id="steady",
        coupon_id="half",
        start="2024-01-01",
    )
    s.add(
        "subscription_discount",
        id="di_repeating",
        subscription_id="sub_steady",
        customer_id="steady",
        coupon_id="half_for_3",
        start="2024-01-31",
    )
    s.add(
        "subscription_discount",
        id="di_ended",
        subscription_id="sub_steady",
        customer_id="steady",
        coupon_id="half_for_3",
        start="2024-02-01",
        end="2024-02-20",
    )
    s.add(
        "subscription_discount",
        id="di_yen",
        subscription_id="sub_yen",
        coupon_id="yen_off",
        start="2024-01-01",
    )
    s.add(
        "subscription_discount",
        id="di_year",
        subscription_id="sub_yearly",
        coupon_id="ten_off",
        start="2024-01-01",
    )
    s.add(
        "subscription_discount",
        id="di_once",
        subscription_id="sub_yearly",
        coupon_id="first_free",
        start="2024-02-01",
    )
    s.add(
        "subscription_discount",
        id="di_test",
        subscription_id="sub_steady",
        coupon_id="test_coupon",
        start="2024-01-01",
    )
    s.add(
        "discount",
        id="di_forever",
        subscription_id="sub_steady",
        customer_id="steady",
        coupon_id="half",
        start="2024-01-01",
    )
    s.add(
        "discount",
        id="di_applied",
        subscription_id="sub_steady",
        customer_id="steady",
        coupon_id="half",
        start="2024-01-01",
        invoice_id="in_steady",
    )
    s.add("discount", id="di_customer", customer_id="repriced", coupon_id="half", start="2024-01-01")
    s.add("discount", id="di_customer_off", customer_id="multi", coupon_id="ten_off", start="2024-01-01")
    s.subscription("multi")
    s.item("multi")
    s.version("multi", "active", id="sub_multi_2")
    s.add(
        "subscription_item", id="si_multi_2", subscription_id="sub_multi_2", plan_id="yearly_240", quantity=1
    )

    # Invoices.
    s.subscription("payer")
    s.item("payer")
    s.invoice(
        "in_sale",
        "payer",
        created="2024-03-01 10:00:00",
        status_transitions_finalized_at="2024-03-02 10:00:00",
        total=151_800,
        tax=13_800,
    )
    s.bill("payer", "2024-03-01", "2024-04-01", 10_000, invoice="in_sale")
    s.bill(
        "payer",
        "2024-03-01",
        "2024-03-01",
        90_000,
        1,
        price="licence",
        invoice="in_sale",
        type="invoiceitem",
        subscription_item_id="",
    )
    s.bill(
        "payer",
        "2024-03-01",
        "2024-03-01",
        50_000,
        1,
        price="setup",
        invoice="in_sale",
        type="invoiceitem",
        subscription_item_id="",
    )
    s.bill(
        "payer",
        "2024-03-01",
        "2024-03-01",
        22_500,
        1,
        price=None,
        invoice="in_sale",
        type="invoiceitem",
        subscription_item_id="",
        subscription_id="",
    )
    s.add(
        "credit_note",
        id="cn_issued",
        invoice_id="in_sale",
        total=1_518,
        currency="usd",
        status="issued",
        created="2024-03-09",
        livemode="true",
    )
    s.add(
        "credit_note",
        id="cn_void",
        invoice_id="in_sale",
        total=999,
        currency="usd",
        status="void",
        created="2024-03-09",
        livemode="true",
    )
    s.invoice("in_plain", "payer", created="2024-04-01", total=10_000)
    s.bill("payer", "2024-04-01", "2024-05-01", 10_000, invoice="in_plain")
    s.add(
        "credit_note",
        id="cn_net",
        invoice_id="in_plain",
        total=1_200,
        total_excluding_tax=1_000,
        currency="usd",
        status="issued",
        created="2024-04-09",
        livemode="true",
    )

    # Reasons.
    s.subscription(
        "told",
        "canceled",
        ended_at="2024-04-11",
        canceled_at="2024-04-02",
        cancellation_details_feedback="unused",
        metadata='{"cancel_reason": "merger"}',
    )
    s.subscription(
        "failed",
        "canceled",
        ended_at="2024-04-11",
        canceled_at="2024-04-11",
        cancellation_details_reason="payment_failed",
    )
    return s


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("stripe_scenarios")
    scenarios().write(root / "raw" / "stripe")
    with build(root, "stripe", model_cache) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query, dates as ISO text and decimals without trailing zeros, to stand beside the expected ones."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return value.isoformat() if hasattr(value, "isoformat") else value

    return [tuple(plain(value) for value in row) for row in connection.execute(sql, parameters).fetchall()]


COUNTING = """
    select start_date, end_date, round(mrr_amount, 3) as mrr_amount, quantity
    from intermediate.int_contract_lines__stripe
    where account_key = 'stripe:' || ? and exclusion_reason is null and start_date < coalesce(end_date, date '9999-12-31')
    order by contract_line_id
"""

SPANS: list[tuple[str, list[tuple[Any, ...]], str]] = [
    ("repriced", [("2024-01-01", "2024-04-01", 90.0, 5.0), ("2024-04-01", None, 120.0, 6.0)], "the past is what was invoiced, today's item counts from its current period"),
    ("steady", [("2024-01-01", None, 100.0, 5.0)], "equal months are one stretch"),
    ("yearly", [("2023-02-01", "2024-02-01", 80.0, 5.0), ("2024-02-01", None, 100.0, 5.0)], "a yearly line is twelve months"),
    ("uninvoiced", [("2024-04-01", None, 100.0, 5.0)], "today's price is never applied to history"),
    ("item_period", [("2024-03-10", None, 100.0, 5.0)], "newer accounts have the period on the item"),
    ("quarterly", [("2024-04-01", None, 20.0, 1.0)], "three months"),
    ("weekly", [("2024-04-01", None, 52.0, 1.0)], "52 ÷ 12 weeks a month"),
    ("daily", [("2024-04-01", None, 30.417, 1.0)], "365 ÷ 12 days a month"),
    ("yen", [("2024-03-01", "2024-04-01", 2000.0, 1.0), ("2024-04-01", None, 3000.0, 2.0)], "yen have no minor unit"),
    ("dinar", [("2024-04-01", None, 12.345, 1.0)], "dinars have a thousandth"),
    ("fraction", [("2024-04-01", None, 5.005, 1001.0)], "half a cent a unit"),
    ("packages", [("2024-04-01", None, 27.0, 25.0)], "25 units are three packages of ten"),
    ("planned", [("2024-04-01", None, 30.0, 3.0)], "a plan is a price"),
    ("no_price", [("2024-01-01", "2024-07-01", 100.0, 5.0)], "without a price the period tells the interval"),
    ("trialing", [("2024-04-15", None, 100.0, 5.0)], "no revenue until the trial ends"),
    ("converted", [("2024-01-15", None, 100.0, 5.0)], "the trial's own end counts, not the day the loader saw it"),
    ("trial_dropped", [], "a trial that ended is no revenue"),
    ("late", [("2024-01-01", None, 100.0, 5.0)], "past due counts"),
    ("unpaid", [("2024-01-01", "2024-04-01", 100.0, 5.0)], "without history unpaid ends with the last full period"),
    ("unpaid_since", [("2024-01-01", "2024-04-20", 100.0, 5.0)], "with history unpaid ends where it began"),
    ("unpaid_for_good", [("2024-01-01", "2024-04-20", 100.0, 5.0)], "canceled later does not revive the unpaid time"),
    ("never_paid", [], "an incomplete start is no contract"),
    ("first_try", [("2024-04-01", None, 100.0, 5.0)], "a payment that took five minutes loses no day"),
    ("paused", [("2024-01-01", "2024-03-01", 100.0, 5.0)], "paused is a gap"),
    ("paused_unseen", [("2024-01-01", "2024-04-01", 100.0, 5.0)], "a pause nobody saw begin starts with the period it stopped"),
    ("pausing_until", [("2024-01-01", "2024-04-10", 100.0, 5.0), ("2024-06-10", None, 100.0, 5.0)], "a pause with an end resumes by itself"),
    ("resumed", [("2024-01-01", "2024-02-10", 100.0, 5.0), ("2024-03-20", None, 100.0, 5.0)], "history shows that it resumed before its plan"),
    ("leaving", [("2024-01-01", "2024-04-01", 100.0, 5.0), ("2024-04-01", "2024-05-01", 120.0, 6.0)], "a planned end: service goes on until then"),
    ("leaving_on", [("2024-04-01", "2024-06-15", 100.0, 5.0)], "cancel_at is the first day without service"),
    ("left", [("2024-01-01", "2024-04-11", 100.0, 5.0)], "the day it ended is the first without service"),
    ("left_at_once", [], "ended the day it started: never active"),
    ("gone", [("2024-04-01", "2024-04-20", 100.0, 5.0)], "deleted in Stripe: ends with its last version"),
    ("gone_undated", [], "deleted in Stripe, nobody knows when"),
    ("one_off", [("2024-01-01", None, 100.0, 5.0), ("2024-01-01", "2024-03-01", 50.0, 1.0)], "an item taken off ends with its last invoice"),
    ("corrected", [("2024-01-01", "2024-02-01", 100.0, 5.0), ("2024-02-01", "2024-03-01", 80.0, 4.0), ("2024-03-01", None, 100.0, 5.0)], "two invoices for the same days: the later holds"),
    ("switched", [("2023-09-01", "2024-05-01", 80.0, 5.0), ("2024-05-01", None, 100.0, 5.0)], "a later start cuts what was invoiced ahead"),
    ("backdated", [("2024-01-01", "2024-01-15", 100.0, 5.0), ("2024-01-15", "2025-01-01", 80.0, 5.0), ("2025-01-01", None, 100.0, 5.0)], "an invoice made later replaces the days it covers"),
    ("bad_papers", [("2024-01-01", "2024-02-01", 100.0, 5.0), ("2024-04-01", None, 100.0, 5.0)], "uncollectible is evidence of service; void, draft and unknown invoices are not"),
    ("prorated", [("2024-01-01", "2024-03-01", 100.0, 5.0), ("2024-03-01", None, 160.0, 8.0)], "prorations are corrections, the next regular line tells"),
    ("tiers", [("2024-03-01", "2024-04-01", 105.0, 11.0), ("2024-04-01", None, 110.0, 12.0)], "tiers of one item add up; a tiered price takes the invoice of its period"),
    ("usage", [], "metered use is no recurring revenue"),
    ("taxed", [("2024-03-01", None, 100.0, 5.0)], "tax in the price is not revenue"),
    ("old_lines", [("2024-03-01", "2024-04-01", 20.0, 2.0), ("2024-04-01", None, 30.0, 3.0)], "older lines name subscription and plan instead of the item"),
    ("orphan", [("2024-03-01", "2024-04-01", 100.0, 5.0)], "invoiced without an exported subscription"),
    ("test_mode", [], "test mode is nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected", "reason"), SPANS, ids=[span[0] for span in SPANS])
def test_counting_stretches(
    built: duckdb.DuckDBPyConnection, name: str, expected: list[tuple[Any, ...]], reason: str
) -> None:
    assert rows(built, COUNTING, name) == expected, reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trialing", [("2024-04-01", "2024-04-15", "trial")]),
        ("converted", [("2024-01-01", "2024-01-15", "trial")]),
        ("trial_dropped", [("2024-04-01", "2024-04-15", "trial")]),
        ("never_paid", [("2024-04-01", None, "incomplete")]),
        ("usage", [("2024-03-01", "2024-04-01", "usage"), ("2024-04-01", None, "usage")]),
        ("gone_undated", [("2024-04-01", None, "deleted")]),
        ("test_mode", [("2024-04-01", None, "test_mode")]),
        ("steady", []),
    ],
)
def test_excluded_stretches_keep_their_reason(
    built: duckdb.DuckDBPyConnection, name: str, expected: list[tuple[Any, ...]]
) -> None:
    excluded = """
        select start_date, end_date, exclusion_reason from intermediate.int_contract_lines__stripe
        where account_key = 'stripe:' || ? and exclusion_reason is not null
        order by start_date
    """
    assert rows(built, excluded, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("steady", [(None, False, False, None)]),
        # Only the stretch that the request falls into, and later ones, know of it.
        ("leaving", [(None, False, False, None), ("2024-04-09", True, False, None)]),
        ("leaving_on", [("2024-04-09", True, False, None)]),
        ("left", [("2024-04-11", True, False, None)]),
        ("left_at_once", [("2024-04-01", True, False, None)]),
        ("gone", [(None, True, False, None)]),
        # Nobody cancelled: it stopped being paid.
        ("unpaid", [(None, False, False, None)]),
        ("unpaid_since", [(None, False, False, "2024-04-03")]),
        ("unpaid_for_good", [("2024-05-01", True, False, None)]),
        ("late", [(None, False, False, "2024-04-01")]),
        ("late_since", [(None, False, False, "2024-03-05")]),
        ("late_recovered", [(None, False, False, None)]),
        ("paused", [(None, False, True, None)]),
        ("paused_unseen", [(None, False, True, None)]),
        ("pausing_until", [(None, False, True, None), (None, False, False, None)]),
        ("resumed", [(None, False, True, None), (None, False, False, None)]),
        # The item that was taken off a subscription that goes on; the other one is untouched.
        ("one_off", [(None, False, False, None), (None, True, False, None)]),
    ],
)
def test_how_a_stretch_ends(
    built: duckdb.DuckDBPyConnection, name: str, expected: list[tuple[Any, ...]]
) -> None:
    ends = """
        select cancel_requested_date, is_cancelled, is_paused_at_end, past_due_from_date
        from intermediate.int_contract_lines__stripe
        where account_key = 'stripe:' || ? and exclusion_reason is null
        order by contract_line_id
    """
    assert rows(built, ends, name) == expected


def test_stretches_of_an_item_never_overlap(built: duckdb.DuckDBPyConnection) -> None:
    overlaps = """
        select a.contract_line_id
        from intermediate.int_contract_lines__stripe as a
        inner join intermediate.int_contract_lines__stripe as b
            on split_part(a.contract_line_id, ':2', 1) = split_part(b.contract_line_id, ':2', 1)
            and a.contract_line_id <> b.contract_line_id
            and a.start_date <= b.start_date
            and b.start_date < coalesce(a.end_date, date '9999-12-31')
    """
    assert rows(built, overlaps) == []


def test_line_describes_product_contract_and_term(built: duckdb.DuckDBPyConnection) -> None:
    described = """
        select contract_key, product_key, line_type, licence_model, unit_of_measure, currency, term_start_date, term_end_date
        from intermediate.int_contract_lines__stripe where account_key in ('stripe:one_off', 'stripe:yen') and start_date = date '2024-01-01'
        order by contract_line_id
    """
    assert rows(built, described) == [
        (
            "stripe:sub_one_off",
            "stripe:prod_app",
            "subscription",
            "subscription",
            "seat",
            "USD",
            "2024-04-01",
            "2024-05-01",
        ),
        (
            "stripe:sub_one_off",
            "stripe:prod_care",
            "support",
            "subscription",
            None,
            "USD",
            "2024-04-01",
            "2024-05-01",
        ),
    ]


def test_products_read_their_metadata(built: duckdb.DuckDBPyConnection) -> None:
    found = "select product_id, product_family, offer_type, licence_model, tier_rank, unit_of_measure from intermediate.int_products__stripe order by 1"
    assert rows(built, found) == [
        ("prod_app", "Platform", "product", None, 2, "seat"),
        ("prod_box", "Box", "product", "perpetual", None, None),
        ("prod_care", "Care", "support", None, None, None),
        ("prod_odd", "Odd", "other", None, None, None),
    ]


def test_customers_link_by_exact_key_only(built: duckdb.DuckDBPyConnection) -> None:
    found = """
        select account_key, account_name, crm_account_id, segment, region, channel, country, is_deleted
        from intermediate.int_customers__stripe where account_id in ('linked', 'linked_too', 'steady', 'test_mode') order by 1
    """
    assert rows(built, found) == [
        ("stripe:linked", "Linked Ltd", "001A", "Enterprise", "EMEA", "partner", "DE", True),
        ("stripe:linked_too", None, "001B", None, None, None, None, False),
        ("stripe:steady", None, None, None, None, None, None, False),
    ]


def test_discounts(built: duckdb.DuckDBPyConnection) -> None:
    found = """
        select discount_id, contract_key, percent_off, amount_off, currency, invoice_months, duration, start_date, end_date
        from intermediate.int_contract_discounts__stripe order by 1
    """
    assert rows(built, found) == [
        # Of the customer: a share hits all contracts, an amount comes off the invoices of each.
        ("stripe:di_customer", None, 0.5, None, None, None, "forever", "2024-01-01", None),
        (
            "stripe:di_customer_off:sub_multi",
            "stripe:sub_multi",
            None,
            10.0,
            "USD",
            1.0,
            "forever",
            "2024-01-01",
            None,
        ),
        (
            "stripe:di_customer_off:sub_multi_2",
            "stripe:sub_multi_2",
            None,
            10.0,
            "USD",
            12.0,
            "forever",
            "2024-01-01",
            None,
        ),
        (
            "stripe:di_ended",
            "stripe:sub_steady",
            0.5,
            None,
            None,
            1.0,
            "repeating",
            "2024-02-01",
            "2024-02-20",
        ),
        ("stripe:di_forever", "stripe:sub_steady", 0.5, None, None, 1.0, "forever", "2024-01-01", None),
        # Good for the first invoice, here of a year.
        ("stripe:di_once", "stripe:sub_yearly", 1.0, None, None, 12.0, "once", "2024-02-01", "2025-02-01"),
        (
            "stripe:di_repeating",
            "stripe:sub_steady",
            0.5,
            None,
            None,
            1.0,
            "repeating",
            "2024-01-31",
            "2024-04-30",
        ),
        ("stripe:di_year", "stripe:sub_yearly", None, 10.0, "USD", 12.0, "forever", "2024-01-01", None),
        ("stripe:di_yen", "stripe:sub_yen", None, 300.0, "JPY", 1.0, "forever", "2024-01-01", None),
    ]
    assert rows(
        built,
        "select account_key from intermediate.int_contract_discounts__stripe where discount_id = 'stripe:di_yen'",
    ) == [("stripe:yen",)]
    order = "select discount_id from intermediate.int_contract_discounts__stripe where account_key = 'stripe:steady' order by sequence_number"
    assert rows(built, order) == [("stripe:di_forever",), ("stripe:di_repeating",), ("stripe:di_ended",)]


def test_invoice_lines_are_net_of_discount_and_tax(built: duckdb.DuckDBPyConnection) -> None:
    """172,500 minor units of lines, 1,380.00 left after a 20 % coupon, 138.00 of tax on top; 10 % of tax in the credit note too."""
    found = """
        select charge_type, product_key, contract_key, licence_model, amount, invoice_date, service_start_date, service_end_date
        from intermediate.int_invoice_lines__stripe where account_key = 'stripe:payer' and invoice_id = 'stripe:in_sale' order by amount desc
    """
    assert rows(built, found) == [
        ("one_time", "stripe:prod_box", "stripe:sub_payer", "perpetual", 720.0, "2024-03-02", None, None),
        ("one_time", "stripe:prod_care", "stripe:sub_payer", None, 400.0, "2024-03-02", None, None),
        ("one_time", None, None, None, 180.0, "2024-03-02", None, None),
        (
            "recurring",
            "stripe:prod_app",
            "stripe:sub_payer",
            "subscription",
            80.0,
            "2024-03-02",
            "2024-03-01",
            "2024-04-01",
        ),
        ("one_time", None, None, None, -13.8, "2024-03-09", None, None),
    ]


def test_credit_note_takes_contract_and_product_of_its_only_line(built: duckdb.DuckDBPyConnection) -> None:
    found = """
        select invoice_line_id, charge_type, product_key, contract_key, licence_model, amount, invoice_date
        from intermediate.int_invoice_lines__stripe where invoice_id = 'stripe:in_plain' and amount < 0
    """
    assert rows(built, found) == [
        (
            "stripe:cn_net",
            "recurring",
            "stripe:prod_app",
            "stripe:sub_payer",
            "subscription",
            -10.0,
            "2024-04-09",
        )
    ]


def test_only_posted_invoices_are_revenue(built: duckdb.DuckDBPyConnection) -> None:
    found = "select service_start_date from intermediate.int_invoice_lines__stripe where account_key = 'stripe:bad_papers'"
    assert rows(built, found) == [("2024-01-01",)]
    assert (
        rows(
            built,
            "select 1 from intermediate.int_invoice_lines__stripe where account_key = 'stripe:test_mode'",
        )
        == []
    )
    usage = "select charge_type, amount, quantity from intermediate.int_invoice_lines__stripe where account_key = 'stripe:usage'"
    assert rows(built, usage) == [("usage", 12.3, 123.0)]
    prorations = "select amount from intermediate.int_invoice_lines__stripe where account_key = 'stripe:prorated' and is_proration order by 1"
    assert rows(built, prorations) == [(-68.97,), (110.34,)]


def test_loss_reasons(built: duckdb.DuckDBPyConnection) -> None:
    found = "select account_key, contract_key, reason_date, reason_source, reason_key from intermediate.int_loss_reasons__stripe order by 1"
    assert rows(built, found) == [
        ("stripe:failed", "stripe:sub_failed", "2024-04-11", "billing_cancel", reason_key("payment_failed")),
        ("stripe:left", "stripe:sub_left", "2024-04-11", "billing_cancel", reason_key("too_expensive")),
        # The company's own words win over what the customer clicked.
        ("stripe:told", "stripe:sub_told", "2024-04-02", "billing_cancel", reason_key("merger")),
    ]
