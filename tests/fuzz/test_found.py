"""What the fuzzer found, each case by its name: what went in, and what becomes of it now."""

from __future__ import annotations

import html.parser
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.render import render
from tests.fuzz.company import AS_OF, company, csv_text
from tests.fuzz.mutations import NASTY_NAMES
from tests.fuzz.test_vendor_dirt import SYSTEMS
from tests.harness import PROJECT, build

SETTINGS: dict[str, Any] = {"min_denominator": 1, "min_coverage": 0}

Rows = list[dict[str, Any]]


def line(number: int, **columns: Any) -> dict[str, Any]:
    """A contract line of 100 a month from 2022 on."""
    return {
        "contract_line_id": f"L{number}", "account_id": f"A{number}", "product_id": "P", "start_date": "2022-01-01",
        "mrr_amount": "100", "recorded_date": "2022-01-01", **columns,
    }  # fmt: skip


def exports(*lines: dict[str, Any], **others: Rows) -> dict[str, Rows]:
    """The lines, and fifty quiet customers around them, so that one odd row is a small part of all."""
    quiet = [line(number, recorded_date=f"2025-06-{number % 28 + 1:02}") for number in range(100, 150)]
    return {
        "templates/contract_lines": [*lines, *quiet],
        **{f"templates/{name}": rows for name, rows in others.items()},
    }


def findings(connection: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select subject_id, detail from marts.dq_findings where finding like ? order by all", [f"{kind}%"]
    ).fetchall()


def rejected(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str]]:
    return connection.execute(
        "select file, record_number, reason from marts.dq_rejected_rows order by all"
    ).fetchall()


def mrr(
    connection: duckdb.DuckDBPyConnection, customer: str, month_end: str = "2025-05-31"
) -> Decimal | None:
    row = connection.execute(
        "select mrr_amount from marts.fct_customer_months where customer_id = ? and month_end = cast(? as date)",
        [f"templates:{customer}", month_end],
    ).fetchone()
    return row[0] if row else None


# ---- the clock and the first month: one row for everybody --------------------------------------------------------------


def test_one_day_in_2099_does_not_move_the_clock_and_is_named(tmp_path: Path, model_cache: Path) -> None:
    """The only export that tells days at all would have moved it, and everybody would have churned long ago."""
    connection = build(tmp_path, exports(line(1, recorded_date="2099-01-01")), model_cache, **SETTINGS)
    assert connection.execute("select cast(as_of_date as varchar) from marts.dim_as_of").fetchall() == [
        ("2025-06-28",)
    ]
    assert findings(connection, "record is dated after as_of_date") == [
        ("templates/contract_lines.csv:1", "2099-01-01")
    ]
    assert mrr(connection, "A1") is None and mrr(connection, "A100") == 100


def test_a_typing_error_in_the_newest_export_leaves_the_clock_at_its_other_rows(
    tmp_path: Path, model_cache: Path
) -> None:
    """December for June: the export was left out whole, and the clock fell back to the day of an older one."""
    invoices = [
        {"invoice_line_id": "I1", "account_id": "A100", "invoice_date": "2025-07-03", "amount": "1"},
        {"invoice_line_id": "I2", "account_id": "A101", "invoice_date": "2025-12-03", "amount": "1"},
    ]
    connection = build(tmp_path, exports(invoice_lines=invoices), model_cache, **SETTINGS)
    assert connection.execute("select cast(as_of_date as varchar) from marts.dim_as_of").fetchall() == [
        ("2025-07-03",)
    ]
    assert findings(connection, "export is far ahead of all others") == [("invoice_lines", "2025-12-03")]
    assert findings(connection, "record is dated after as_of_date") == [
        ("templates/invoice_lines.csv:2", "2025-12-03")
    ]


def test_days_that_many_rows_tell_are_no_typing_error(tmp_path: Path, model_cache: Path) -> None:
    rows = exports(*(line(number, recorded_date="2028-01-01") for number in range(1, 30)))
    connection = build(tmp_path, rows, model_cache, **SETTINGS)
    assert connection.execute("select cast(as_of_date as varchar) from marts.dim_as_of").fetchall() == [
        ("2028-01-01",)
    ]


def test_one_start_in_1024_opens_no_decades_of_empty_months(tmp_path: Path, model_cache: Path) -> None:
    connection = build(
        tmp_path, exports(line(1, start_date="1024-01-01")), model_cache, as_of_date=AS_OF, **SETTINGS
    )
    assert connection.execute(
        "select count(distinct month_end) from marts.fct_customer_months"
    ).fetchall() == [(42,)]
    assert findings(connection, "contract line starts before the first month shown") == [
        ("templates:L1", "1024-01-01")
    ]
    assert mrr(connection, "A1") == 100  # it counts all the same


def test_a_term_of_thousands_of_years_is_not_repeated(tmp_path: Path, model_cache: Path) -> None:
    """The hundredth term after it was outside the calendar of the engine, and nothing was built."""
    ages = line(1, contract_id="C1", term_start_date="2022-01-01", term_end_date="9999-12-31")
    connection = build(tmp_path, exports(ages), model_cache, as_of_date=AS_OF, **SETTINGS)
    assert connection.execute(
        "select due_date from marts.fct_contract_renewals where contract_key = 'templates:C1'"
    ).fetchall() in ([], [(date(9999, 12, 30),)])


# ---- amounts ---------------------------------------------------------------------------------------------------------------


def test_amounts_of_any_size_stop_no_build(tmp_path: Path, model_cache: Path) -> None:
    """Twelve times a large amount, or its value in another currency, did not fit, and nothing was built."""
    rates = [{"rate_date": "2025-01-01", "from_currency": "XAU", "to_currency": "USD", "rate": "99999999"}]
    rows = exports(
        line(1, mrr_amount="900000000000"), line(2, mrr_amount="90000000000"), line(3, mrr_amount="9000", currency="XAU"),
        line(4, mrr_amount="9999999999"), exchange_rates=rates,
    )  # fmt: skip
    connection = build(tmp_path, rows, model_cache, as_of_date=AS_OF, **SETTINGS)
    assert rejected(connection) == [
        ("templates/contract_lines.csv", 1, "mrr_amount is not between -100000000000 and 100000000000")
    ]
    assert findings(connection, "amount is too large to be true") == [
        ("templates:L2", "90000000000.000000 USD"), ("templates:L3", "9000.000000 XAU"),
    ]  # fmt: skip
    known = connection.execute(
        "select customer_id, bool_and(is_amount_known) from marts.fct_customer_months"
        " where customer_id in ('templates:A2', 'templates:A3', 'templates:A4') group by 1 order by 1"
    ).fetchall()
    assert known == [("templates:A2", False), ("templates:A3", False), ("templates:A4", True)]
    assert mrr(connection, "A4") == Decimal("9999999999")


def test_twenty_for_twenty_percent_is_set_aside_and_the_revenue_stays(
    tmp_path: Path, model_cache: Path
) -> None:
    discounts = [{"discount_id": "D", "account_id": "A1", "percent_off": "20", "start_date": "2022-01-01"}]
    connection = build(
        tmp_path, exports(line(1), contract_discounts=discounts), model_cache, as_of_date=AS_OF, **SETTINGS
    )
    assert rejected(connection) == [
        ("templates/contract_discounts.csv", 1, "percent_off is not between 0 and 1")
    ]
    assert mrr(connection, "A1") == 100


def test_discounts_that_take_nothing_off_are_named(tmp_path: Path, model_cache: Path) -> None:
    rest = {"start_date": "2022-01-01"}
    discounts = [
        {"discount_id": "nothing", "account_id": "A1", **rest},
        {"discount_id": "never", "account_id": "A1", "amount_off": "5", "invoice_months": "0", **rest},
        {"discount_id": "euros", "account_id": "A1", "amount_off": "5", "currency": "EUR", **rest},
    ]
    connection = build(
        tmp_path, exports(line(1), contract_discounts=discounts), model_cache, as_of_date=AS_OF, **SETTINGS
    )
    assert findings(connection, "discount has neither") == [
        ("templates:never", "templates:A1"),
        ("templates:nothing", "templates:A1"),
    ]
    assert findings(connection, "discount is in another currency") == [("templates:euros", "EUR")]
    assert mrr(connection, "A1") == 100


@pytest.mark.parametrize("count", ["-12", "0", "99999999999"])
def test_a_billing_interval_of_no_months_gives_no_amount(
    tmp_path: Path, model_cache: Path, count: str
) -> None:
    """Minus twelve months turned revenue negative, a hundred billion stopped the build."""
    odd = line(
        1, mrr_amount="", recurring_amount="1200", billing_interval="month", billing_interval_count=count
    )
    connection = build(tmp_path, exports(odd), model_cache, as_of_date=AS_OF, **SETTINGS)
    assert findings(connection, "contract line does not count") == [("templates:L1", "no_amount")]


@pytest.mark.parametrize("rate", ["abc", "1,1", "0", "-1", "0.000000000001"])
def test_an_exchange_rate_that_is_none_is_rejected(tmp_path: Path, model_cache: Path, rate: str) -> None:
    """It was dropped without a word."""
    rates = [{"rate_date": "2025-01-01", "from_currency": "EUR", "to_currency": "USD", "rate": rate}]
    connection = build(
        tmp_path,
        exports(line(1, currency="EUR"), exchange_rates=rates),
        model_cache,
        as_of_date=AS_OF,
        **SETTINGS,
    )
    assert [(file, record) for file, record, _ in rejected(connection)] == [
        ("templates/exchange_rates.csv", 1)
    ]
    assert findings(connection, "no exchange rate to the reporting currency") == [
        ("EUR", "its amounts are unknown")
    ]


def test_what_only_one_engine_reads_as_a_number_is_none(tmp_path: Path, model_cache: Path) -> None:
    """DuckDB reads 1_000 as a thousand, 0x1F as 31 and 1e-1 as the whole number 0; Spark does not."""
    odd = [
        line(1, mrr_amount="1_000"),
        line(2, billing_interval_count="0x1F"),
        line(3, billing_interval_count="1e-1"),
    ]
    connection = build(tmp_path, exports(*odd), model_cache, as_of_date=AS_OF, **SETTINGS)
    assert [reason for _, _, reason in rejected(connection)] == [
        "mrr_amount is no decimal", "billing_interval_count is no integer", "billing_interval_count is no integer",
    ]  # fmt: skip


# ---- rows and files ----------------------------------------------------------------------------------------------------------


def test_an_empty_required_value_is_rejected_in_every_template(tmp_path: Path, model_cache: Path) -> None:
    """A loss reason without a day and a sale without an account were dropped without a word."""
    reasons = [{"loss_reason_id": "R", "account_id": "A100", "reason_date": "", "reason_raw": "price"}]
    sales = [{"opportunity_id": "O", "account_id": "", "close_date": "2022-01-01"}]
    connection = build(
        tmp_path,
        exports(loss_reasons=reasons, opportunities=sales),
        model_cache,
        as_of_date=AS_OF,
        **SETTINGS,
    )
    assert rejected(connection) == [
        ("templates/loss_reasons.csv", 1, "reason_date is empty"), ("templates/opportunities.csv", 1, "account_id is empty"),
    ]  # fmt: skip


def test_rows_that_differ_only_in_where_a_value_ends_are_no_duplicates(
    tmp_path: Path, model_cache: Path
) -> None:
    """a|b, c and a, b|c had one fingerprint: one row vanished as an exact duplicate of the other."""
    customers = [
        {"account_id": "A1", "segment": "a|b", "region": "c"},
        {"account_id": "A1", "segment": "a", "region": "b|c"},
    ]
    connection = build(tmp_path, exports(customers=customers), model_cache, as_of_date=AS_OF, **SETTINGS)
    assert [reason for _, _, reason in rejected(connection)] == [
        "contradicts another record with the same key account_id"
    ]


def test_a_drop_without_a_column_of_an_earlier_one_is_named(tmp_path: Path, model_cache: Path) -> None:
    """Without its currency a drop in euros reads as dollars: nobody was told."""
    rows = {
        "templates/contract_lines/2025-05-31": [{**line(1), "currency": "EUR"}],
        "templates/contract_lines/2025-06-30": exports()["templates/contract_lines"],
    }
    rates = [{"rate_date": "2025-01-01", "from_currency": "EUR", "to_currency": "USD", "rate": "1.1"}]
    connection = build(
        tmp_path,
        {**rows, "templates/exchange_rates": rates},
        model_cache,
        systems=["templates"],
        as_of_date=AS_OF,
        **SETTINGS,
    )
    assert findings(connection, "file lacks columns") == [
        ("templates/contract_lines/2025-06-30.csv", "currency")
    ]


@pytest.mark.parametrize(("length", "cut"), [(12, 0), (31, 0), (35, 4)])
def test_a_hierarchy_is_one_customer_up_to_thirty_levels_and_named_beyond(
    tmp_path: Path, model_cache: Path, length: int, cut: int
) -> None:
    chain = [
        {"account_id": f"A{number}", "parent_account_id": f"A{number + 1}"} for number in range(1, length)
    ]
    rows = exports(
        *(line(number) for number in range(1, length + 1)), customers=[*chain, {"account_id": f"A{length}"}]
    )
    connection = build(tmp_path, rows, model_cache, as_of_date=AS_OF, **SETTINGS)
    found = connection.execute(
        "select count(distinct customer_id) from marts.bdg_customer_systems where has_record"
    ).fetchall()
    assert found == [(1 + cut,)]
    assert len(findings(connection, "account hierarchy is deeper than 30 levels")) == cut


def test_an_account_merged_into_itself_keeps_its_parent(tmp_path: Path, model_cache: Path) -> None:
    customers = [
        {"account_id": "A1", "parent_account_id": "A2", "merged_into_account_id": "A1"},
        {"account_id": "A2", "parent_account_id": "A2"},
    ]
    rows = exports(line(1), line(2), customers=customers)
    connection = build(tmp_path, rows, model_cache, as_of_date=AS_OF, **SETTINGS)
    found = connection.execute(
        "select account_id, customer_id, match_method from marts.bdg_customer_systems where has_record order by 1"
    ).fetchall()
    assert found == [("A1", "templates:A2", "parent"), ("A2", "templates:A2", "own")]


def test_crm_contracts_that_billing_replaces_are_counted_and_short_ids_find_their_account(
    tmp_path: Path, model_cache: Path
) -> None:
    """Billing systems keep the 15 characters that Salesforce shows, its exports have 18."""
    rows = exports(line(1), customers=[{"account_id": "A1", "crm_account_id": "0015g00000AbCdE"}])
    rows["salesforce/account"] = [
        {"id": "0015g00000AbCdEAAV", "name": "Alder"},
        {"id": "0015g00000aBcDeAAF", "name": "Birch"},
    ]
    rows["salesforce/opportunity"] = [
        {
            "id": "O1",
            "account_id": "0015g00000AbCdEAAV",
            "close_date": "2022-01-01",
            "is_won": "true",
            "contract_id": "C1",
        }
    ]
    rows["salesforce/opportunity_line_item"] = [
        {"id": "I1", "opportunity_id": "O1", "total_price": "1200", "quantity": "1"}
    ]
    rows["salesforce/contract"] = [
        {"id": "C1", "account_id": "0015g00000AbCdEAAV", "status": "Activated", "start_date": "2022-01-01",
         "end_date": "2026-12-31", "sbqq_opportunity_c": "O1"}
    ]  # fmt: skip
    connection = build(tmp_path, rows, model_cache, systems=SYSTEMS, as_of_date=AS_OF, **SETTINGS)
    found = connection.execute(
        "select customer_id, match_method from marts.bdg_customer_systems where account_key = 'templates:A1'"
    ).fetchall()
    assert found == [("salesforce:0015g00000AbCdEAAV", "crm_id")]
    assert findings(connection, "contract lines of the CRM do not count") == [
        ("salesforce", "1 lines of 1 customers")
    ]


# ---- text that customers supply -------------------------------------------------------------------------------------------------


class _Elements(html.parser.HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[tuple[str, ...]] = Counter()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, *sorted(name for name, _ in attrs)] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def test_names_create_no_element_on_any_page(tmp_path: Path, model_cache: Path) -> None:
    """The pages of a company of nasty names have the elements of the same company with plain names, and show the names."""
    pages: dict[str, dict[str, _Elements]] = {}
    names = [name for name in NASTY_NAMES if len(name) < 100 and name.isprintable()]
    for kind in ("plain", "nasty"):
        rows: dict[str, Rows] = {}
        for number in range(12):
            own = company(f"K{number:04d}", number % 4)
            for table, table_rows in own.items():
                rows.setdefault(f"templates/{table}", []).extend(table_rows)
        # Names that sort alike, so that nothing but the names can differ.
        marks = [f"{number:02} {names[number] if kind == 'nasty' else 'name'}" for number in range(12)]
        for table, columns in {
            "customers": ("account_name", "region"), "products": ("product_name", "product_family"), "loss_reasons": ("reason_raw",),
        }.items():  # fmt: skip
            for row in rows[f"templates/{table}"]:
                company_number = int(next(iter(row.values()))[1:5])
                row.update(dict.fromkeys(columns, marks[company_number]))
        connection = build(tmp_path / kind, rows, model_cache, on_disk=True, as_of_date=AS_OF, **SETTINGS)
        connection.close()
        index = render(
            tmp_path / kind / "out" / "build" / "postsale.duckdb", tmp_path / kind / "pages", lambda _: None
        )
        pages[kind] = {
            path.relative_to(index.parent).as_posix(): _Elements(path.read_text(encoding="utf-8"))
            for path in sorted(index.parent.rglob("*.html"))
        }
    assert sorted(pages["plain"]) == sorted(pages["nasty"])
    for page, elements in pages["nasty"].items():
        assert elements.found == pages["plain"][page].found, page
    text = "".join(elements.text for elements in pages["nasty"].values())
    shown = [name for name in names[:12] if name in text]
    assert "<script>alert(1)</script>" in shown and len(shown) >= 6


# ---- lines without end ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["x", '"', ","])
def test_a_line_of_many_megabytes_is_set_aside_in_little_memory(tmp_path: Path, character: str) -> None:
    """A gigabyte in the long run. The child says how much more memory it took than before."""
    size = 1024 if int(os.environ.get("POSTSALE_FUZZ_CASES", "0")) > 1000 and character == "x" else 48
    path = tmp_path / "raw" / "templates" / "customers.csv"
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        file.write(csv_text("customers", company("K0000", 0)["customers"]))
        for _ in range(size):
            file.write(character * 1024 * 1024)
        file.write("\n" + csv_text("customers", company("K0001", 0)["customers"]).split("\n", 1)[1])
    script = (
        "import resource, sys; from pathlib import Path; from postsale.landing import land; raw, out, project = map(Path, sys.argv[1:]);"
        "land(Path('/nonexistent'), out / 'first', ['templates'], project, print);"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "report = land(raw, out, ['templates'], project, lambda _: None);"
        "print(report.record_count, report.malformed_count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "raw"), str(tmp_path / "out"), str(PROJECT)],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )  # fmt: skip
    records, malformed, megabytes = map(int, result.stdout.split("\n")[-2].split())
    assert (records, malformed) == (6, 1)
    assert megabytes < 160, f"{megabytes} MB more for a line of {size} MB"
