"""Zuora: the vendor's own sample rows unchanged, and one small account per rule of reading its contracts and invoices."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import VENDOR_SAMPLES, build, build_files
from tests.harness import reason_key, write_csv

SAMPLES = VENDOR_SAMPLES / "zuora"

Row = dict[str, Any]


def rows_of(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """Rows of a query as dictionaries."""
    result = warehouse.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# ---- the vendor's sample rows ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not SAMPLES.is_dir():
        pytest.skip(
            f"the vendor's sample rows are not committed and not found at {SAMPLES}; set POSTSALE_SHARED_DATA"
        )
    root = tmp_path_factory.mktemp("zuora_samples")
    with build_files(root, "zuora", SAMPLES.glob("*.csv"), model_cache) as connection:
        yield connection


@pytest.mark.parametrize(
    "table",
    [
        "account",
        "subscription",
        "rate_plan",
        "rate_plan_charge",
        "product",
        "invoice",
        "invoice_item",
        "amendment",
    ],
)
def test_sample_rows_stage_unchanged(samples: duckdb.DuckDBPyConnection, table: str) -> None:
    with (SAMPLES / f"zuora_{table}_data.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    statuses = dict(
        samples.execute(
            f"select _row_status, count(*) from staging.base_zuora__{table} group by all"
        ).fetchall()
    )
    # The amendment sample holds one row twice; nothing is rejected.
    assert sum(statuses.values()) == len(records)
    assert set(statuses) <= {"accepted", "exact_duplicate"}
    assert statuses["accepted"] == len({record["id"] for record in records})


def test_sample_invoice_lines(samples: duckdb.DuckDBPyConnection) -> None:
    lines = rows_of(
        samples,
        "select * from intermediate.int_invoice_lines__zuora order by service_start_date, invoice_line_id",
    )
    assert [line["amount"] for line in lines] == [
        Decimal(570860),
        Decimal(646000),
        Decimal(716210),
        Decimal(695300),
        0,
        0,
    ]
    # Billed for August: the last day is 2015-08-31, so service ends before 2015-09-01.
    assert (lines[0]["service_start_date"], lines[0]["service_end_date"]) == (
        date(2015, 8, 1),
        date(2015, 9, 1),
    )
    assert lines[0]["currency"] == "JPY"


# ---- scenarios: one account each ------------------------------------------------------------------------------------


class Exports:
    """Raw Zuora rows, written with as few words as a scenario needs."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, **row: Any) -> None:
        row = {"created_date": "2024-01-01 08:00:00.000000", "_fivetran_deleted": "FALSE", **row}
        self.tables.setdefault(table, []).append(row)

    def subscription(self, account: str, subscription: str | None = None, **row: Any) -> None:
        """One version; the account comes with its first."""
        subscription = subscription or f"s-{account}"
        if account not in {known["id"] for known in self.tables.get("account", [])}:
            self.add("account", id=account, name=account.title(), currency="USD", status="Active")
        defaults = {
            "name": subscription.rsplit("@", 1)[0],
            "original_id": subscription.rsplit("@", 1)[0],
            "version": 1,
            "is_latest_version": "TRUE",
            "status": "Active",
            "term_type": "TERMED",
            "auto_renew": "TRUE",
            "subscription_start_date": "2024-01-01 00:00:00.000000",
            "subscription_end_date": "2025-01-01 00:00:00.000000",
            "term_start_date": "2024-01-01 00:00:00.000000",
            "term_end_date": "2025-01-01 00:00:00.000000",
        }
        self.add("subscription", **{**defaults, "id": subscription, "account_id": account, **row})

    def charge(self, charge: str, subscription: str, **row: Any) -> None:
        """One charge segment: 100 a month for 2024 unless said otherwise."""
        defaults = {
            "charge_number": charge.split("@", 1)[0],
            "segment": 1,
            "subscription_id": subscription,
            "product_id": "p-suite",
            "charge_type": "Recurring",
            "charge_model": "Per Unit Pricing",
            "quantity": 10,
            "uom": "Seat",
            "mrr": 100,
            "effective_start_date": "2024-01-01",
            "effective_end_date": "2025-01-01",
            "transaction_currency": "usd",
        }
        self.add("rate_plan_charge", **{**defaults, "id": charge, **row})

    def simple(self, account: str, **row: Any) -> None:
        """One subscription with one charge; columns that no subscription has go to the charge."""
        of_charge = {
            "charge_type",
            "charge_model",
            "mrr",
            "effective_start_date",
            "effective_end_date",
            "product_id",
            "is_prepaid",
        }
        of_charge |= {
            "commitment_type",
            "price_change_option",
            "price_increase_percentage",
            "transaction_currency",
            "rate_plan_id",
            "quantity",
        }
        self.subscription(account, **{name: value for name, value in row.items() if name not in of_charge})
        self.charge(
            f"c-{account}",
            f"s-{account}",
            **{name: value for name, value in row.items() if name in of_charge},
        )

    def amendment(self, amendment: str, subscription: str, kind: str, **row: Any) -> None:
        self.add(
            "amendment",
            **{"id": amendment, "subscription_id": subscription, "type": kind, "status": "Completed", **row},
        )

    def write(self, folder: Path) -> None:
        for table, rows in self.tables.items():
            write_csv(folder / f"{table}.csv", rows)


def versions(raw: Exports) -> None:
    # Each version repeats the charges of the contract.
    raw.subscription("versions", "s-versions@1", version=1, is_latest_version="FALSE", status="Expired")
    raw.charge("c-versions@1", "s-versions@1")
    raw.subscription("versions", "s-versions@2", version=2, previous_subscription_id="s-versions@1")
    raw.charge("c-versions@2", "s-versions@2", mrr=120)
    # The first version lacks original_id, and no row says which is the latest.
    raw.subscription("unnamed", "s-unnamed@1", original_id="", is_latest_version="")
    raw.charge("c-unnamed@1", "s-unnamed@1")
    raw.subscription("unnamed", "s-unnamed@2", version=2, is_latest_version="")
    raw.charge("c-unnamed@2", "s-unnamed@2")
    # A draft of the next version is a plan.
    raw.subscription("drafted", "s-drafted@1", version=1)
    raw.charge("c-drafted@1", "s-drafted@1")
    raw.subscription("drafted", "s-drafted@2", version=2, status="Draft")
    raw.charge("c-drafted@2", "s-drafted@2", mrr=900)
    for status in ("Draft", "Pending Activation", "PendingAcceptance"):
        raw.simple(f"new_{status.lower().replace(' ', '')}", status=status)
    # Two contracts that share a number by accident stay two.
    raw.subscription("namesake", "s-namesake-a", name="A-S1", original_id="s-namesake-a")
    raw.charge("c-namesake-a", "s-namesake-a")
    raw.subscription("namesake", "s-namesake-b", name="A-S1", original_id="s-namesake-b")
    raw.charge("c-namesake-b", "s-namesake-b", mrr=50)


def segments(raw: Exports) -> None:
    raw.subscription("ramp")
    ends = ["2024-01-01", "2025-01-01", "2026-01-01", "2027-01-01"]
    for number, (start, end, mrr) in enumerate(zip(ends, ends[1:], (100, 200, 300), strict=False), 1):
        raw.charge(
            f"c-ramp@{number}",
            "s-ramp",
            segment=number,
            effective_start_date=start,
            effective_end_date=end,
            mrr=mrr,
        )
    # A back-dated change left the old segment longer than it was, and a segment without a single day between.
    raw.subscription("overlap")
    raw.charge("c-overlap@1", "s-overlap", segment=1, effective_end_date="2025-01-01")
    raw.charge(
        "c-overlap@2",
        "s-overlap",
        segment=2,
        effective_start_date="2024-03-01",
        effective_end_date="2024-03-01",
    )
    raw.charge(
        "c-overlap@3",
        "s-overlap",
        segment=3,
        effective_start_date="2024-07-01",
        effective_end_date="2025-01-01",
        mrr=150,
    )
    raw.simple("open", effective_end_date="")
    raw.simple(
        "evergreen", term_type="EVERGREEN", subscription_end_date="", term_end_date="", effective_end_date=""
    )
    # A charge taken out of an evergreen subscription has an end all the same.
    raw.simple(
        "evergreen_ended", term_type="EVERGREEN", subscription_end_date="", effective_end_date="2024-06-15"
    )
    raw.simple("no_start", effective_start_date="")
    raw.simple("no_mrr", mrr="")
    raw.simple("free", mrr=0)
    # The account's currency where the charge has none; the plan's product where the charge names none.
    raw.simple("sparse", transaction_currency="", product_id="", rate_plan_id="rp-sparse")
    raw.add("rate_plan", id="rp-sparse", subscription_id="s-sparse", product_id="p-care")


def endings(raw: Exports) -> None:
    # Cancelled for the end of June; an earlier price step is not what the cancellation ended.
    raw.subscription(
        "cancelled",
        "s-cancelled@2",
        version=2,
        status="Cancelled",
        subscription_end_date="2024-07-01",
        cancelled_date="2024-07-01",
        cancel_reason="Too expensive",
    )
    raw.subscription("cancelled", "s-cancelled@1", status="Expired")
    raw.charge("c-cancelled@1", "s-cancelled@2", effective_end_date="2024-04-01")
    raw.charge(
        "c-cancelled@2",
        "s-cancelled@2",
        segment=2,
        effective_start_date="2024-04-01",
        effective_end_date="2025-01-01",
        mrr=110,
    )
    raw.amendment(
        "a-cancelled",
        "s-cancelled@1",
        "Cancellation",
        effective_date="2024-07-01",
        contract_effective_date="2024-05-20",
        booking_date="2024-05-22",
        created_date="2024-05-22 10:00:00",
    )
    # Evergreen, cancelled, and only cancelled_date says when.
    raw.simple(
        "cancelled_open",
        term_type="EVERGREEN",
        status="Canceled",
        subscription_end_date="",
        term_end_date="",
        cancelled_date="2024-05-01",
        effective_end_date="",
    )
    # Cancelled without any date: over when last changed.
    raw.simple(
        "cancelled_undated",
        status="Cancelled",
        subscription_end_date="",
        effective_end_date="",
        updated_date="2024-08-09 12:00:00",
    )
    raw.simple("expired", status="Expired", subscription_end_date="2024-06-01", effective_end_date="")
    raw.simple("lapsing", auto_renew="FALSE")
    # One product out, the other goes on.
    raw.subscription("removal")
    raw.add(
        "rate_plan",
        id="rp-out",
        subscription_id="s-removal",
        product_id="p-suite",
        amendment_id="a-removal",
        amendment_type="RemoveProduct",
    )
    raw.charge("c-out", "s-removal", rate_plan_id="rp-out", effective_end_date="2024-09-01")
    raw.add(
        "rate_plan",
        id="rp-in",
        subscription_id="s-removal",
        product_id="p-care",
        amendment_id="a-removal-new",
        amendment_type="NewProduct",
    )
    raw.charge(
        "c-in", "s-removal", rate_plan_id="rp-in", effective_start_date="2024-09-01", product_id="p-care"
    )
    raw.amendment(
        "a-removal",
        "s-removal",
        "RemoveProduct",
        contract_effective_date="2024-08-10",
        created_date="2024-08-12 10:00:00",
    )
    raw.amendment("a-removal-new", "s-removal", "NewProduct", contract_effective_date="2024-09-01")
    # Renewal switched off, and the variants in which that is no decision (any more).
    off = {
        "auto_renew": "FALSE",
        "contract_effective_date": "2024-10-05",
        "created_date": "2024-10-05 09:00:00",
    }
    for account in ("not_renewing", "renewed_since", "switched_back", "off_draft", "off_undone"):
        raw.simple(account, auto_renew="TRUE" if account == "off_undone" else "FALSE")
        raw.amendment(
            f"a-{account}",
            f"s-{account}",
            "TermsAndConditions",
            **{**off, "status": "Draft" if account == "off_draft" else "Completed"},
        )
    raw.amendment("a-renewed", "s-renewed_since", "Renewal", created_date="2024-12-01 09:00:00")
    raw.amendment(
        "a-back",
        "s-switched_back",
        "TermsAndConditions",
        auto_renew="TRUE",
        created_date="2024-11-01 09:00:00",
    )


def pauses(raw: Exports) -> None:
    def pause(account: str, resume: str | None = "2024-06-01") -> None:
        raw.amendment(f"a-{account}-1", f"s-{account}", "SuspendSubscription", suspend_date="2024-04-01")
        if resume:
            raw.amendment(f"a-{account}-2", f"s-{account}", "ResumeSubscription", resume_date=resume)

    # The charge runs through the pause; it has to be cut.
    raw.simple("paused")
    pause("paused")
    # Zuora broke the charge itself; nothing is cut twice.
    raw.subscription("broken")
    raw.charge("c-broken@1", "s-broken", effective_end_date="2024-04-01")
    raw.charge("c-broken@2", "s-broken", segment=2, effective_start_date="2024-06-01")
    pause("broken")
    raw.simple("still_paused", status="Suspended")
    pause("still_paused", None)
    # Cancelled without ever coming back.
    raw.simple(
        "never_back", status="Cancelled", subscription_end_date="2024-08-01", cancelled_date="2024-08-01"
    )
    pause("never_back", None)
    # Suspended, but no amendment says since when.
    raw.simple("undated_pause", status="Suspended", updated_date="2024-05-05 12:00:00")
    # A product added during the pause starts with the resumption.
    raw.simple("added_in_pause", effective_start_date="2024-05-01")
    pause("added_in_pause")
    # Two pauses in one segment.
    raw.simple("paused_twice")
    pause("paused_twice")
    raw.amendment("a-twice-3", "s-paused_twice", "SuspendSubscription", suspend_date="2024-09-01")
    raw.amendment("a-twice-4", "s-paused_twice", "ResumeSubscription", resume_date="2024-10-01")


def charges(raw: Exports) -> None:
    raw.simple("one_time", charge_type="OneTime", mrr="")
    raw.simple("usage", charge_type="Usage", mrr="")
    raw.simple("commitment", charge_type="Usage", charge_model="Minimum Commitment", mrr=80)
    raw.simple("prepaid", is_prepaid="TRUE")
    raw.simple("committed_type", charge_type="Usage", commitment_type="CURRENCY", mrr=70)
    raw.simple("care", product_id="p-care")
    raw.simple("upkeep", product_id="p-server")
    raw.simple("stranger", product_id="p-unlisted")
    raw.simple("uplift", price_change_option="SpecificPercentageValue", price_increase_percentage=5)
    raw.simple("no_uplift", price_change_option="NoChange", price_increase_percentage=0)
    raw.simple(
        "catalogue_price", price_change_option="UseLatestProductCatalogPricing", price_increase_percentage=0
    )
    raw.simple("old_uplift", price_increase_percentage=3)
    raw.simple("deleted_contract", _fivetran_deleted="TRUE")
    raw.subscription("deleted_charge")
    raw.charge("c-kept", "s-deleted_charge")
    raw.charge("c-deleted", "s-deleted_charge", charge_number="c-other", _fivetran_deleted="TRUE")


def discounts(raw: Exports) -> None:
    def discount(
        charge: str, subscription: str, percent: int | None = None, amount: int | None = None, **row: Any
    ) -> None:
        model = "Discount-Percentage" if percent else "Discount-Fixed Amount"
        raw.charge(
            charge,
            subscription,
            **{"charge_model": model, "mrr": 0, "quantity": "", "billing_period": "Month", **row},
        )
        raw.add(
            "rate_plan_charge_tier",
            id=f"t-{charge}",
            rate_plan_charge_id=charge,
            discount_percentage=percent or "",
            discount_amount=amount or "",
        )

    raw.simple("off_contract")
    discount(
        "d-contract",
        "s-off_contract",
        10,
        discount_level="subscription",
        apply_discount_to="RECURRING",
        end_date_condition="SubscriptionEnd",
    )
    # Ten percent off one of two plans.
    raw.subscription("off_plan")
    raw.charge("c-plan-a", "s-off_plan", rate_plan_id="rp-a")
    raw.charge("c-plan-b", "s-off_plan", rate_plan_id="rp-b")
    discount(
        "d-plan",
        "s-off_plan",
        10,
        discount_level="rateplan",
        rate_plan_id="rp-a",
        effective_end_date="2024-04-01",
        end_date_condition="FixedPeriod",
    )
    # An amount a year, for whatever the account buys.
    raw.simple("off_account")
    discount("d-account", "s-off_account", None, 120, discount_level="account", billing_period="Annual")
    raw.simple("off_fee")
    discount("d-fee", "s-off_fee", 50, discount_level="subscription", apply_discount_to="ONETIME")
    # A discount that carries an amount per month of its own is a line, not a discount as well.
    raw.simple("off_line")
    discount("d-line", "s-off_line", 10, mrr=-10)
    # Percentages come before amounts.
    raw.simple("off_both")
    discount("d-amount", "s-off_both", None, 5, billing_period="Semi-Annual")
    discount("d-percent", "s-off_both", 20)


def renewals(raw: Exports) -> None:
    raw.simple("renewing", name="A-S77")
    raw.subscription(
        "renewing",
        "s-renewing-2",
        renewal_of_c="A-S77",
        term_start_date="2025-01-01",
        term_end_date="2026-01-01",
    )
    raw.charge(
        "c-renewing-2", "s-renewing-2", effective_start_date="2025-01-01", effective_end_date="2026-01-01"
    )
    raw.simple("linked")
    raw.subscription("linked", "s-linked-2@1", previous_subscription_id="s-linked", status="Expired")
    raw.subscription("linked", "s-linked-2@2", version=2, previous_subscription_id="s-linked-2@1")
    raw.charge(
        "c-linked-2", "s-linked-2@2", effective_start_date="2025-01-01", effective_end_date="2026-01-01"
    )
    raw.subscription("dangling", renewal_of_c="not exported")
    raw.charge("c-dangling", "s-dangling")


def catalogue(raw: Exports) -> None:
    raw.add(
        "product",
        id="p-suite",
        name="Suite",
        product_family_c="Suite",
        tier_rank_c=2,
        licence_model_c="Subscription",
    )
    raw.add("product", id="p-care", name="Care", offer_type_c="Support")
    raw.add("product", id="p-server", name="Server", licence_model_c="Perpetual")
    raw.add("product", id="p-odd", name="Odd", offer_type_c="Hardware", licence_model_c="Lease")
    raw.add(
        "account",
        id="child",
        name="Child",
        parent_id="parent",
        crm_id="001A",
        currency="eur",
        segment_c="Enterprise",
        region_c="EMEA",
        channel_c="partner",
    )
    raw.add("account", id="gone", name="Gone", parent_account_id="parent", _fivetran_deleted="TRUE")


def invoices(raw: Exports) -> None:
    raw.subscription("billed", "s-billed@1", status="Expired")
    raw.subscription("billed", "s-billed@2", version=2)
    raw.charge("c-billed@1", "s-billed@1")
    raw.charge("c-billed@2", "s-billed@2")
    raw.charge("c-billed-fee", "s-billed@2", charge_type="OneTime", product_id="p-server", mrr="")
    raw.charge("c-billed-use", "s-billed@2", charge_type="Usage", mrr="")
    raw.add("account", id="payer", name="Payer", currency="EUR", status="Active")

    def invoice(invoice: str, *items: Row, account: str = "billed", **row: Any) -> None:
        raw.add(
            "invoice",
            **{
                "id": invoice,
                "account_id": account,
                "invoice_date": "2024-01-31",
                "status": "Posted",
                "transaction_currency": "usd",
                **row,
            },
        )
        for number, item in enumerate(items, 1):
            defaults = {
                "subscription_id": "s-billed@1",
                "rate_plan_charge_id": "c-billed@1",
                "charge_amount": 100,
                "processing_type": 0,
            }
            raw.add(
                "invoice_item",
                **{
                    **defaults,
                    "id": f"{invoice}-{number}",
                    "invoice_id": invoice,
                    "account_id": account,
                    **item,
                },
            )

    invoice(
        "i-posted",
        {
            "service_start_date": "2024-01-01",
            "service_end_date": "2024-01-31",
            "tax_mode": "TaxInclusive",
            "tax_amount": 19,
        },
        {"charge_amount": -20, "processing_type": 1},
        {"charge_amount": 19, "processing_type": 3},
        {"rate_plan_charge_id": "c-billed-fee", "subscription_id": "s-billed@2", "charge_amount": 9000},
        {"rate_plan_charge_id": "c-billed-use", "charge_amount": 7},
        {"rate_plan_charge_id": "", "subscription_id": "", "charge_amount": 3, "product_id": "p-care"},
        {"charge_amount": 1, "_fivetran_deleted": "TRUE"},
    )
    for status in ("Draft", "Canceled", "Error"):
        invoice(f"i-{status.lower()}", {}, status=status)
    # Somebody else pays: revenue stands where the contract stands. A sale without a contract stands with the payer.
    invoice(
        "i-paid",
        {"charge_amount": 55},
        {"charge_amount": 44, "subscription_id": "", "rate_plan_charge_id": ""},
        account="payer",
        transaction_currency="",
    )
    # Reversed as a whole: neither the invoice nor its reversal. Credited in part: both.
    invoice("i-reversed", {"charge_amount": 400}, reversed="TRUE")
    raw.add(
        "credit_memo",
        id="m-reversal",
        account_id="billed",
        memo_date="2024-02-10",
        status="Posted",
        referred_invoice_id="i-reversed",
        currency="USD",
    )
    raw.add(
        "credit_memo_item",
        id="mi-reversal",
        credit_memo_id="m-reversal",
        subscription_id="s-billed@1",
        amount_without_tax=400,
    )
    for memo, status in (("m-posted", "Posted"), ("m-draft", "Draft")):
        raw.add(
            "credit_memo",
            id=memo,
            account_id="billed",
            memo_date="2024-02-15",
            status=status,
            referred_invoice_id="i-posted",
            currency="USD",
        )
        raw.add(
            "credit_memo_item",
            id=f"{memo}-1",
            credit_memo_id=memo,
            subscription_id="s-billed@1",
            rate_plan_charge_id="c-billed@1",
            amount_without_tax=30,
        )


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("zuora")
    raw = Exports()
    for scenario in (versions, segments, endings, pauses, charges, discounts, renewals, catalogue, invoices):
        scenario(raw)
    raw.write(root / "raw" / "zuora")
    with build(root, "zuora", model_cache) as connection:
        yield connection


def lines(warehouse: duckdb.DuckDBPyConnection, account: str, *columns: str) -> list[tuple[Any, ...]]:
    """The given columns of an account's lines, in order of start and id."""
    selected = ", ".join(columns)
    order = "start_date nulls last, contract_line_id"
    return warehouse.execute(
        f"select {selected} from intermediate.int_contract_lines__zuora where account_key = 'zuora:{account}' order by {order}"
    ).fetchall()


def day(text: str) -> date:
    return date.fromisoformat(text)


def mrr_on(warehouse: duckdb.DuckDBPyConnection, account: str, on: str) -> Decimal:
    (value,) = warehouse.execute(
        "select coalesce(sum(mrr_amount), 0) from intermediate.int_contract_lines__zuora"
        f" where account_key = 'zuora:{account}' and exclusion_reason is null"
        f" and start_date <= date '{on}' and (end_date is null or end_date > date '{on}')"
    ).fetchone() or (None,)
    assert isinstance(value, Decimal)
    return value


# Versions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "mrr"),
    [
        ("versions", 120),  # the latest version only, never the sum of versions
        ("unnamed", 100),  # one contract although a version lacks original_id
        ("drafted", 100),  # a drafted version replaces nothing
        ("namesake", 150),  # one number, two contracts: both count
    ],
)
def test_a_contract_counts_once(warehouse: duckdb.DuckDBPyConnection, account: str, mrr: int) -> None:
    assert mrr_on(warehouse, account, "2024-06-30") == mrr


def test_contract_key_is_the_lineage(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert lines(warehouse, "versions", "contract_key", "contract_line_id") == [
        ("zuora:s-versions", "zuora:c-versions@2")
    ]
    assert lines(warehouse, "unnamed", "contract_key") == [("zuora:s-unnamed",)]


@pytest.mark.parametrize("account", ["new_draft", "new_pendingactivation", "new_pendingacceptance"])
def test_drafts_are_excluded_not_lost(warehouse: duckdb.DuckDBPyConnection, account: str) -> None:
    assert lines(warehouse, account, "exclusion_reason", "mrr_amount") == [("draft", Decimal(100))]


# Segments and dates --------------------------------------------------------------------------------------------------


def test_a_ramp_is_one_line_per_segment(warehouse: duckdb.DuckDBPyConnection) -> None:
    ends = [day(f"{year}-01-01") for year in (2024, 2025, 2026, 2027)]
    assert lines(warehouse, "ramp", "start_date", "end_date", "mrr_amount", "is_cancelled") == [
        (ends[0], ends[1], Decimal(100), False),
        (ends[1], ends[2], Decimal(200), False),
        (ends[2], ends[3], Decimal(300), False),
    ]
    # Ends are exclusive: on the day of the step only the new price counts.
    assert [
        mrr_on(warehouse, "ramp", on) for on in ("2024-12-31", "2025-01-01", "2026-12-31", "2027-01-01")
    ] == [
        100,
        200,
        300,
        0,
    ]


def test_a_segment_ends_where_the_next_begins(warehouse: duckdb.DuckDBPyConnection) -> None:
    # The segment of no days between neither counts nor cuts.
    assert lines(warehouse, "overlap", "start_date", "end_date", "mrr_amount") == [
        (day("2024-01-01"), day("2024-07-01"), Decimal(100)),
        (day("2024-03-01"), day("2024-03-01"), Decimal(100)),
        (day("2024-07-01"), day("2025-01-01"), Decimal(150)),
    ]


@pytest.mark.parametrize(
    ("account", "end", "term_end"),
    [
        ("open", None, day("2025-01-01")),  # no recorded end is open-ended
        ("evergreen", None, None),
        ("evergreen_ended", day("2024-06-15"), None),  # evergreen has no term, but keeps a recorded end
    ],
)
def test_open_ends(
    warehouse: duckdb.DuckDBPyConnection, account: str, end: date | None, term_end: date | None
) -> None:
    assert lines(warehouse, account, "end_date", "term_end_date", "is_cancelled") == [(end, term_end, False)]


@pytest.mark.parametrize(
    ("account", "reason", "mrr"),
    [
        ("no_start", "incomplete", Decimal(100)),
        ("no_mrr", "no_amount", None),  # unknown, not zero
        ("free", None, Decimal(0)),  # known and zero
        ("one_time", "one_time", None),
        ("usage", "usage", None),
        ("commitment", None, Decimal(80)),
        ("committed_type", None, Decimal(70)),
        ("prepaid", None, Decimal(100)),
    ],
)
def test_what_counts(
    warehouse: duckdb.DuckDBPyConnection, account: str, reason: str | None, mrr: Decimal | None
) -> None:
    is_commitment = account in {"commitment", "committed_type", "prepaid"}
    assert lines(warehouse, account, "exclusion_reason", "mrr_amount", "is_usage_commitment") == [
        (reason, mrr, is_commitment)
    ]


def test_gaps_in_a_charge_are_filled_from_plan_and_account(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert lines(warehouse, "sparse", "currency", "product_key", "quantity", "unit_of_measure") == [
        ("USD", "zuora:p-care", Decimal(10), "Seat")
    ]


def test_deleted_rows_are_left_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert lines(warehouse, "deleted_contract", "contract_line_id") == []
    assert lines(warehouse, "deleted_charge", "contract_line_id") == [("zuora:c-kept",)]


# Ends ----------------------------------------------------------------------------------------------------------------


def test_a_cancellation_ends_what_it_ends(warehouse: duckdb.DuckDBPyConnection) -> None:
    # Requested on the day of notice, the earliest day on which it was known.
    assert lines(warehouse, "cancelled", "end_date", "is_cancelled", "cancel_requested_date") == [
        (day("2024-04-01"), False, None),
        (day("2024-07-01"), True, day("2024-05-20")),
    ]


@pytest.mark.parametrize(
    ("account", "end", "is_cancelled", "requested"),
    [
        ("cancelled_open", day("2024-05-01"), True, day("2024-05-01")),
        ("cancelled_undated", day("2024-08-09"), True, None),
        ("expired", day("2024-06-01"), False, None),  # ran out: a lapse, for which a late renewal may come
        ("lapsing", day("2025-01-01"), False, None),  # auto_renew = false alone is no decision
        (
            "not_renewing",
            day("2025-01-01"),
            True,
            day("2024-10-05"),
        ),  # a change of terms switched renewal off
        ("renewed_since", day("2025-01-01"), False, None),  # renewed after it
        ("switched_back", day("2025-01-01"), False, None),
        ("off_draft", day("2025-01-01"), False, None),  # the change was never completed
        ("off_undone", day("2025-01-01"), False, None),  # the contract itself renews
    ],
)
def test_lapse_or_decision(
    warehouse: duckdb.DuckDBPyConnection, account: str, end: date, is_cancelled: bool, requested: date | None
) -> None:
    assert lines(warehouse, account, "end_date", "is_cancelled", "cancel_requested_date") == [
        (end, is_cancelled, requested)
    ]


def test_removing_a_product_is_a_decision_about_that_product(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert lines(
        warehouse, "removal", "product_key", "end_date", "is_cancelled", "cancel_requested_date"
    ) == [
        ("zuora:p-suite", day("2024-09-01"), True, day("2024-08-10")),
        ("zuora:p-care", day("2025-01-01"), False, None),
    ]


def test_loss_reasons_are_dated_to_the_loss(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(
        warehouse, "select * exclude (recorded_date) from intermediate.int_loss_reasons__zuora"
    ) == [
        {
            "loss_reason_id": "zuora:s-cancelled:cancel",
            "system": "zuora",
            "account_key": "zuora:cancelled",
            "contract_key": "zuora:s-cancelled",
            "reason_date": day("2024-07-01"),
            "reason_source": "billing_cancel",
            "reason_key": reason_key("Too expensive"),
        }
    ]


# Pauses --------------------------------------------------------------------------------------------------------------

PAUSE, RESUME, YEAR_END = day("2024-04-01"), day("2024-06-01"), day("2025-01-01")
START = day("2024-01-01")


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("paused", [(START, PAUSE, True, False), (RESUME, YEAR_END, False, False)]),
        ("broken", [(START, PAUSE, True, False), (RESUME, YEAR_END, False, False)]),
        ("still_paused", [(START, PAUSE, True, False)]),
        ("never_back", [(START, PAUSE, True, True)]),  # cancelled while paused: nobody waits for its return
        ("undated_pause", [(START, day("2024-05-05"), True, False)]),
        (
            "added_in_pause",
            [(day("2024-05-01"), day("2024-05-01"), False, False), (RESUME, YEAR_END, False, False)],
        ),
        (
            "paused_twice",
            [
                (START, PAUSE, True, False),
                (RESUME, day("2024-09-01"), True, False),
                (day("2024-10-01"), YEAR_END, False, False),
            ],
        ),
    ],
)
def test_pauses_break_the_line(
    warehouse: duckdb.DuckDBPyConnection, account: str, expected: list[tuple[Any, ...]]
) -> None:
    assert lines(warehouse, account, "start_date", "end_date", "is_paused_at_end", "is_cancelled") == expected


# Products, prices, renewals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "line_type", "licence_model"),
    [
        ("versions", "subscription", "subscription"),
        ("care", "support", "subscription"),
        ("upkeep", "maintenance", "perpetual"),  # what recurs on a perpetual licence is its maintenance
        ("stranger", "subscription", "subscription"),  # a product that the catalogue does not list
    ],
)
def test_line_types(
    warehouse: duckdb.DuckDBPyConnection, account: str, line_type: str, licence_model: str
) -> None:
    assert lines(warehouse, account, "line_type", "licence_model") == [(line_type, licence_model)]


@pytest.mark.parametrize(
    ("account", "rate"),
    [
        ("uplift", Decimal("0.05")),
        ("no_uplift", Decimal(0)),
        ("catalogue_price", None),
        ("old_uplift", Decimal("0.03")),
        ("open", None),
    ],
)
def test_contracted_escalators(
    warehouse: duckdb.DuckDBPyConnection, account: str, rate: Decimal | None
) -> None:
    assert lines(warehouse, account, "escalator_rate") == [(rate,)]


def test_renewal_links(warehouse: duckdb.DuckDBPyConnection) -> None:
    # By a custom field that holds the number, by the version before, and not where the predecessor is not in the export.
    links = {
        account: lines(warehouse, account, "contract_key", "renewal_of_contract_key")
        for account in ("renewing", "linked", "dangling", "versions")
    }
    assert links == {
        "renewing": [("zuora:s-renewing", None), ("zuora:s-renewing-2", "zuora:s-renewing")],
        "linked": [("zuora:s-linked", None), ("zuora:s-linked-2", "zuora:s-linked")],
        "dangling": [("zuora:s-dangling", None)],
        "versions": [("zuora:s-versions", None)],  # the version before is no predecessor
    }


def test_products(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(warehouse, "select * from intermediate.int_products__zuora order by product_id")
    assert [
        (row["product_id"], row["product_family"], row["offer_type"], row["licence_model"], row["tier_rank"])
        for row in rows
    ] == [
        ("p-care", "Care", "support", None, None),  # no custom family: a family of its own
        ("p-odd", "Odd", "other", None, None),  # an offer type or licence model that nobody knows
        ("p-server", "Server", "product", "perpetual", None),
        ("p-suite", "Suite", "product", "subscription", 2),
    ]


def test_customers(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(
        warehouse,
        "select * from intermediate.int_customers__zuora where account_id in ('child', 'gone') order by account_id",
    )
    child, gone = rows
    assert (
        child["parent_account_id"],
        child["crm_account_id"],
        child["segment"],
        child["region"],
        child["channel"],
    ) == (
        "parent",
        "001A",
        "Enterprise",
        "EMEA",
        "partner",
    )
    assert (gone["parent_account_id"], gone["is_deleted"], child["is_deleted"]) == ("parent", True, False)


# Discounts -----------------------------------------------------------------------------------------------------------


def test_discounts(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = "account_key, contract_key, contract_line_id, percent_off, amount_off, invoice_months, duration, start_date, end_date, sequence_number"
    found = warehouse.execute(
        f"select {columns} from intermediate.int_contract_discounts__zuora order by account_key, sequence_number"
    ).fetchall()
    assert found == [
        # for all the account buys
        ("zuora:off_account", None, None, None, Decimal(120), Decimal(12), "repeating", START, YEAR_END, 1),
        # percentages before amounts
        (
            "zuora:off_both",
            "zuora:s-off_both",
            None,
            Decimal("0.2"),
            None,
            Decimal(1),
            "repeating",
            START,
            YEAR_END,
            1,
        ),
        (
            "zuora:off_both",
            "zuora:s-off_both",
            None,
            None,
            Decimal(5),
            Decimal(6),
            "repeating",
            START,
            YEAR_END,
            2,
        ),
        # as long as the contract
        (
            "zuora:off_contract",
            "zuora:s-off_contract",
            None,
            Decimal("0.1"),
            None,
            Decimal(1),
            "forever",
            START,
            YEAR_END,
            1,
        ),
        # one plan's line only, for three months
        (
            "zuora:off_plan",
            "zuora:s-off_plan",
            "zuora:c-plan-a",
            Decimal("0.1"),
            None,
            Decimal(1),
            "repeating",
            START,
            PAUSE,
            1,
        ),
    ]


def test_discount_charges_are_no_revenue_of_their_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert lines(warehouse, "off_contract", "contract_line_id", "exclusion_reason") == [
        ("zuora:c-off_contract", None),
        ("zuora:d-contract", "discount"),
    ]
    assert mrr_on(warehouse, "off_line", "2024-06-30") == 90  # unless they carry one


# Invoices ------------------------------------------------------------------------------------------------------------


def test_posted_lines_net_of_tax(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = "invoice_line_id, account_key, contract_key, product_key, charge_type, licence_model, amount, currency"
    found = warehouse.execute(
        f"select {columns} from intermediate.int_invoice_lines__zuora order by invoice_line_id"
    ).fetchall()
    billed, contract, suite = "zuora:billed", "zuora:s-billed", "zuora:p-suite"
    assert found == [
        # charge_amount is net although the charge is tax inclusive; tax, deleted, draft, cancelled and failed ones are out
        ("zuora:i-paid-1", billed, contract, suite, "recurring", "subscription", Decimal(55), "USD"),
        ("zuora:i-paid-2", "zuora:payer", None, None, None, None, Decimal(44), "EUR"),
        ("zuora:i-posted-1", billed, contract, suite, "recurring", "subscription", Decimal(100), "USD"),
        ("zuora:i-posted-2", billed, contract, suite, "recurring", "subscription", Decimal(-20), "USD"),
        (
            "zuora:i-posted-4",
            billed,
            contract,
            "zuora:p-server",
            "one_time",
            "perpetual",
            Decimal(9000),
            "USD",
        ),
        ("zuora:i-posted-5", billed, contract, suite, "usage", None, Decimal(7), "USD"),
        ("zuora:i-posted-6", billed, None, "zuora:p-care", None, None, Decimal(3), "USD"),
        ("zuora:m-posted-1", billed, contract, suite, "recurring", "subscription", Decimal(-30), "USD"),
    ]


def test_service_ends_become_exclusive(warehouse: duckdb.DuckDBPyConnection) -> None:
    (line,) = rows_of(
        warehouse,
        "select * from intermediate.int_invoice_lines__zuora where invoice_line_id = 'zuora:i-posted-1'",
    )
    assert (line["service_start_date"], line["service_end_date"], line["is_proration"]) == (
        day("2024-01-01"),
        day("2024-02-01"),
        False,
    )


# Nothing lost --------------------------------------------------------------------------------------------------------


def test_every_charge_of_a_current_version_is_a_line(warehouse: duckdb.DuckDBPyConnection) -> None:
    missing = warehouse.execute(
        """
        select charge.rate_plan_charge_id
        from staging.stg_zuora__rate_plan_charge charge
        join intermediate.int_contract_versions__zuora version using (subscription_id)
        left join intermediate.int_contract_lines__zuora line on line.contract_line_id = 'zuora:' || charge.rate_plan_charge_id
        where version.is_current and not charge.is_deleted and line.contract_line_id is null
        """
    ).fetchall()
    assert missing == []


def test_lines_of_a_charge_never_overlap(warehouse: duckdb.DuckDBPyConnection) -> None:
    overlaps: Iterable[Any] = warehouse.execute(
        """
        select one.contract_line_id, other.contract_line_id
        from intermediate.int_contract_stretches__zuora one
        join intermediate.int_contract_segments__zuora segment on one.contract_line_id like 'zuora:' || segment.rate_plan_charge_id || '%'
        join intermediate.int_contract_stretches__zuora other
            on one.contract_key = other.contract_key and one.contract_line_id < other.contract_line_id
        join intermediate.int_contract_segments__zuora other_segment
            on other.contract_line_id like 'zuora:' || other_segment.rate_plan_charge_id || '%'
        where segment.charge_number = other_segment.charge_number
            and one.line_start_date < one.line_end_date and other.line_start_date < other.line_end_date
            and one.line_start_date < other.line_end_date and other.line_start_date < one.line_end_date
        """
    ).fetchall()
    assert overlaps == []
