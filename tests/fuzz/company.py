"""The clean company of the fuzzer, and what the marts say of each of its customers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

import duckdb

from postsale.contract import Table, read_contract
from tests.harness import PROJECT

Row = dict[str, str]
Rows = dict[str, list[Row]]

AS_OF = "2025-06-30"
FLAVOURS = 4

#: Ids begin with one of these and four digits: K untouched control, D dirty, T the clean twin of a dirty one.
ID_PREFIX = "[KDT][0-9]{4}-"

#: Every mart with a row for a customer, and the column that names the customer.
CUSTOMER_MARTS = {
    "dim_customers": "customer_id",
    "bdg_customer_systems": "customer_id",
    "fct_customer_months": "customer_id",
    "fct_product_family_months": "customer_id",
    "fct_recurring_revenue_months": "customer_id",
    "fct_retention": "customer_id",
    "fct_retention_by_product_family": "customer_id",
    "fct_revenue_changes": "customer_id",
    "fct_metric_contributions": "subject_id",  # of the first control companies, one of each flavour: the view is long
}

#: Contributions that tell of others, too: whether a customer is among the largest tenth, every reason of anybody's loss, every offer
#: that anybody bought, whether revenue of the month is told at all (without any of anybody, that of none is known to be 0).
ABOUT_OTHERS = (
    "high_touch_coverage_rate", "loss_reason_mix", "program_purchase_rank", "service_revenue_share", "customer_relationship_margin",
)  # fmt: skip


@cache
def tables() -> Mapping[str, Table]:
    """The contract of the templates."""
    return read_contract(PROJECT)["templates"].tables


def column_names(table: str) -> list[str]:
    return list(tables()[table].column_names)


def columns_of(table: str, *data_types: str) -> list[str]:
    return [column.name for column in tables()[table].columns if column.data_type in data_types]


def company(prefix: str, flavour: int) -> Rows:
    """One customer of two accounts, and a third account of its own, under ids that begin with ``prefix``."""
    start = date(2021, 1 + 2 * flavour, 1 + 5 * flavour)
    renewal = start.replace(year=2022) + timedelta(days=(0, 12, -9, 45)[flavour])
    lost = date(2024, 2 + flavour, 28)

    def own(name: str) -> str:
        return f"{prefix}-{name}"

    rows: Rows = {
        "customers": [
            {"account_id": own("A"), "account_name": "Alder & Söhne", "segment": "Mid", "region": "EMEA"},
            {"account_id": own("B"), "account_name": "Birch, Inc.", "parent_account_id": own("A"), "channel": "partner"},
            {"account_id": own("C"), "account_name": "Cedar “Co”", "segment": "Small", "is_deleted": "false"},
        ],
        "products": [
            {"product_id": own("S"), "product_name": "Suite", "product_family": "suite", "tier_rank": "1"},
            {"product_id": own("P"), "product_name": "Suite Plus", "product_family": "suite", "tier_rank": "2"},
            {"product_id": own("H"), "product_name": "Help", "product_family": "help", "offer_type": "support"},
        ],
        "contract_lines": [
            {
                "contract_line_id": own("L1"), "account_id": own("A"), "contract_id": own("C1"), "product_id": own("S"),
                "start_date": str(start), "end_date": str(start.replace(year=2022)), "quantity": "10",
                "mrr_amount": f"{100 + flavour}.25", "currency": "USD", "is_cancelled": "false",
            },
            {
                "contract_line_id": own("L2"), "account_id": own("A"), "contract_id": own("C2"), "product_id": own("P"),
                "renewal_of_contract_id": own("C1"), "start_date": str(renewal), "end_date": "", "quantity": "12",
                "mrr_amount": "150.5", "currency": "USD", "escalator_rate": "0.03", "is_cancelled": "false",
            },
            {
                "contract_line_id": own("L3"), "account_id": own("B"), "contract_id": own("C3"), "product_id": own("H"),
                "start_date": "2023-03-01", "last_day": "2026-02-28", "total_amount": "3600", "currency": "EUR",
                "quantity": "1", "is_trial": "false",
            },
            {
                "contract_line_id": own("L4"), "account_id": own("C"), "contract_id": own("C4"), "product_id": own("S"),
                "start_date": "2022-05-10", "end_date": str(lost), "recurring_amount": "2400", "billing_interval": "yearly",
                "billing_interval_count": "1", "currency": "USD", "quantity": "5", "is_cancelled": "true",
                "cancel_requested_date": "2024-01-20",
            },
        ],
        "contract_discounts": [
            {
                "discount_id": own("D1"), "account_id": own("A"), "contract_id": own("C2"), "percent_off": "0.1",
                "duration": "repeating", "start_date": "2024-01-01", "end_date": "2025-01-01", "sequence_number": "1",
            },
            {
                "discount_id": own("D2"), "account_id": own("B"), "contract_id": own("C3"), "amount_off": "5",
                "currency": "EUR", "invoice_months": "1", "duration": "forever", "start_date": "2023-03-01",
            },
        ],
        "invoice_lines": [
            {
                "invoice_line_id": own(f"I{month}"), "account_id": own("AC"[month % 2]), "invoice_id": own(f"N{month}"),
                "invoice_date": str(date(2023 + month // 12, month % 12 + 1, 5 + flavour)), "product_id": own("S"),
                "charge_type": "recurring" if month % 3 else "one_time", "amount": f"{200 + month}.10", "currency": "USD",
                "quantity": "1", "is_proration": "false",
            }
            for month in range(0, 28, 2)
        ],
        "loss_reasons": [
            {
                "loss_reason_id": own("R1"), "account_id": own("C"), "contract_id": own("C4"), "reason_date": "2024-01-20",
                "reason_source": "billing_cancel", "reason_raw": "price",
            },
        ],
        "opportunities": [
            {
                "opportunity_id": own("O1"), "account_id": own("A"), "close_date": "2020-12-15", "opportunity_type": "new",
                "is_won": "true", "is_closed": "true", "channel": "direct", "amount": "1200", "currency": "USD",
            },
        ],
        "product_usage": [
            {"account_id": own("C"), "usage_date": f"2025-0{month}-15", "event_count": str(month)} for month in range(1, 7)
        ],
    }  # fmt: skip
    return {
        table: [{name: row.get(name, "") for name in column_names(table)} for row in rows[table]]
        for table in rows
    }


def shared_rows() -> Rows:
    """What belongs to nobody: a rate for each month."""
    names = column_names("exchange_rates")
    rates = [
        {"rate_date": str(date(2020 + month // 12, month % 12 + 1, 1)), "from_currency": "EUR", "to_currency": "USD",
         "rate": "1.1", "rate_type": "spot"}
        for month in range(66)
    ]  # fmt: skip
    return {"exchange_rates": [{name: rate.get(name, "") for name in names} for rate in rates]}


def csv_text(
    table: str, rows: Sequence[Row], header: Sequence[str] | None = None, delimiter: str = ","
) -> str:
    """Rows as a file with a header, by default all columns of the contract."""
    names = list(header or column_names(table))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return stream.getvalue()


def merged(companies: Sequence[Rows]) -> Rows:
    result: Rows = {}
    for rows in companies:
        for table in rows:
            result.setdefault(table, []).extend(rows[table])
    return result


Numbers = dict[str, tuple[tuple[str, str], ...]]


def numbers(connection: duckdb.DuckDBPyConnection) -> Numbers:
    """A fingerprint of every row about every customer, by the id prefix of its company, ids without their prefix."""
    parts = [
        f"""
        select company, '{mart}' as mart, concat(count(*), ' rows ', sum(hash(line))) as print
        from (
            select
                regexp_extract({key}, '({ID_PREFIX})', 1) as company,
                regexp_replace(cast(mart_row as varchar), '{ID_PREFIX}', '', 'g') as line
            from marts.{mart} as mart_row
            {f"where contains(subject_id, 'K000') and metric_key not in {ABOUT_OTHERS}" if mart == "fct_metric_contributions" else ""}
        )
        group by company
        """
        for mart, key in CUSTOMER_MARTS.items()
    ]
    found: dict[str, list[tuple[str, str]]] = {}
    for name, mart, text in connection.execute(" union all ".join(parts) + " order by 1, 2").fetchall():
        found.setdefault(str(name).rstrip("-"), []).append((str(mart), str(text)))
    return {name: tuple(prints) for name, prints in found.items()}
