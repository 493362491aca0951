"""Templates: every way to fill our own CSV headers, from raw files to the contract entities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import build, rows
from tests.harness import reason_key

RAW = {
    "customers": """
account_id,account_name,parent_account_id,merged_into_account_id,crm_account_id,segment,region,channel,industry,country,is_deleted,recorded_date
A1,Alpha,,,001A,Enterprise,EMEA,direct,Retail,DE,,2024-01-05
A2,Beta,A1,A1,,,,,,,true,2024-02-05
A3,Gamma,,,,,,,,,,
,No id,,,,,,,,,,
A1,Alpha contradicts itself,,,,,,,,,,
""",
    "products": """
product_id,product_name,product_family,offer_type,licence_model,tier_rank,unit_of_measure,recorded_date
gold,Gold,Suite,,subscription,2,seats,2024-01-01
care,Care plan,Suite,Support,,,,
onprem,On premises,Server,product,Perpetual,,,
mnt,Upkeep of on premises,Server,maintenance,perpetual,,,
csm,Success plan,Suite,success,,,,
class,Course,Learning,education,,,,
proj,Project,Services,Professional Services,,,,
odd,Odd,,hardware,lease,,,
""",
    # one row a way of filling the columns; the name of the row says which
    "contract_lines": """
contract_line_id,account_id,contract_id,renewal_of_contract_id,product_id,line_type,licence_model,start_date,end_date,last_day,term_start_date,term_end_date,term_last_day,quantity,unit_of_measure,mrr_amount,recurring_amount,billing_interval,billing_interval_count,total_amount,currency,escalator_rate,is_usage_commitment,cancel_requested_date,is_cancelled,is_paused_at_end,past_due_from_date,is_trial,exclusion_reason,recorded_date
mrr,A1,C1,C0,gold,,,2024-01-01,2025-01-01,,,,,10,,100,,,,,eur,0.05,,,,,,,,2024-01-02
mrr_wins,A1,,,,,,2024-01-01,,,,,,,,100,50,month,,999,,,,,,,,,,
year,A1,,,,,,2024-01-01,,,,,,,,,600,year,,,,,,,,,,,,
annual,A1,,,,,,2024-01-01,,,,,,,,,600,Annual,,,,,,,,,,,,
yearly,A1,,,,,,2024-01-01,,,,,,,,,600,yearly,,,,,,,,,,,,
annually,A1,,,,,,2024-01-01,,,,,,,,,600,annually,,,,,,,,,,,,
half,A1,,,,,,2024-01-01,,,,,,,,,600,semi-annual,,,,,,,,,,,,
quarter,A1,,,,,,2024-01-01,,,,,,,,,600,quarterly,,,,,,,,,,,,
month,A1,,,,,,2024-01-01,,,,,,,,,600,Monthly,,,,,,,,,,,,
two_months,A1,,,,,,2024-01-01,,,,,,,,,600,month,2,,,,,,,,,,,
week,A1,,,,,,2024-01-01,,,,,,,,,600,weekly,,,,,,,,,,,,
day,A1,,,,,,2024-01-01,,,,,,,,,10,daily,,,,,,,,,,,,
total,A1,,,,,,2024-01-15,2027-01-15,,,,,,,,,,,36000,,,,,,,,,,
total_days,A1,,,,,,2024-01-01,2025-03-15,,,,,,,,,,,14500,,,,,,,,,,
total_last_day,A1,,,,,,2024-01-01,,2024-12-31,,,,,,,,,,1200,,,,,,,,,,
no_amount,A1,,,,,,2024-01-01,,,,,,,,,,,,,,,,,,,,,,
total_open,A1,,,,,,2024-01-01,,,,,,,,,,,,1200,,,,,,,,,,
odd_interval,A1,,,,,,2024-01-01,,,,,,,,,600,fortnight,,,,,,,,,,,,
backwards,A1,,,,,,2024-02-01,2024-01-01,,,,,,,,,,,1200,,,,,,,,,,
both_ends,A1,,,,,,2024-01-01,2024-07-01,2024-12-31,2024-02-01,,2024-06-30,,,1,,,,,,,,,,,,,,
term_end,A1,,,,,,2024-01-01,,,2024-02-01,2024-08-01,2024-12-31,,,1,,,,,,,,,,,,,,
support,A1,,,care,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
success,A1,,,csm,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
stated_type,A1,,,care,Maintenance,Perpetual,2024-01-01,,,,,,,users,1,,,,,,,,,,,,,,
upkeep,A1,,,mnt,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
licence,A1,,,onprem,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
odd_type,A1,,,,hardware,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
no_product_row,A1,,,unlisted,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
trial,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,true,,
draft,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,true,Draft,
own_words,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,true,Told Ada to skip it,
no_account,,,,,,,2024-01-01,,,,,,,,1,,,,,,,,,,,,,,
no_start,A1,,,,,,,,,,,,,,1,,,,,,,,,,,,,,
cancelled,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,,2024-06-01,,,,,,
cancel_undone,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,,2024-06-01,false,,,,,
lost,A1,,,,,,2024-01-01,2024-07-01,,,,,,,1,,,,,,,,,yes,true,2024-05-01,,,
commitment,A1,,,,,,2024-01-01,,,,,,,,1,,,,,,,TRUE,,,,,,,
zero,A1,,,,,,2024-01-01,,,,,,,,0,,,,,,,,,,,,,,
not_a_date,A1,,,,,,01/02/2024,,,,,,,,1,,,,,,,,,,,,,,
""",
    "contract_discounts": """
discount_id,account_id,contract_id,contract_line_id,percent_off,amount_off,currency,invoice_months,duration,start_date,end_date,last_day,sequence_number,recorded_date
half,A1,C1,mrr,0.5,7,,,Forever,2024-01-01,,,,2024-01-02
once,A1,,,,20,eur,12,once,2024-01-01,2024-02-01,,2,
ends,A1,,,,20,,,,2024-01-01,,2024-06-30,,
open,A1,,,,20,,,sometimes,2024-01-01,,,,
""",
    "invoice_lines": """
invoice_line_id,account_id,invoice_id,invoice_date,contract_id,product_id,charge_type,licence_model,amount,currency,quantity,service_start_date,service_end_date,service_last_day,is_proration,recorded_date
rec,A1,I1,2024-01-31,C1,gold,,,120,eur,10,2024-01-01,,2024-12-31,,
stated,A1,,2024-01-31,,gold,Usage,,5,,,2024-01-01,2024-02-01,,true,2024-01-30
licence,A1,I2,2024-01-31,,onprem,,,9000,,,,,,,
upkeep,A1,I2,2024-01-31,,mnt,,,1800,,,,,,,
course,A1,I2,2024-01-31,,class,,,300,,,,,,,
project,A1,I2,2024-01-31,,proj,,,300,,,,,,,
odd,A1,I2,2024-01-31,,odd,,,300,,,,,,,
unlisted,A1,I2,2024-01-31,,unlisted,one-time,perpetual,300,,,,,,,
credit,A1,I3,2024-02-28,,gold,,,-20,,,,,,,
no_product,A1,I3,2024-02-28,,,whatever,,1,,,,,,,
""",
    "loss_reasons": """
loss_reason_id,account_id,contract_id,reason_date,reason_source,reason_raw,recorded_date
1,A1,C1,2024-03-01,CRM renewal,price,2024-03-01
2,A1,,2024-03-01,cs-risk,sponsor_left,
3,A1,,2024-03-01,billing_cancel,budget,
4,A1,,2024-03-01,,budget,
5,A1,,2024-03-01,hearsay,budget,
""",
    "opportunities": """
opportunity_id,account_id,close_date,opportunity_type,is_won,is_closed,channel,region,amount,currency,recorded_date
1,A1,2024-01-01,New,true,,partner,EMEA,100,eur,2023-11-01
2,A1,2024-02-01,expansion,false,true,,,,,
3,A1,2024-03-01,renewal,,,,,,,
4,A1,2024-04-01,,,false,,,,,
5,A1,2024-05-01,barter,false,,,,,,
""",
    "opportunity_lines": """
opportunity_line_id,opportunity_id,product_id,offer_id,list_amount,net_amount,term_months,currency,is_bundled,is_compulsory
1,1,gold,OF1,4000,3600,36,,,true
2,1,gold,,,0,,usd,,
3,2,gold,,100,100,,,true,
""",
    "product_usage": """
account_id,usage_date,event_count
A1,2024-05-01,12
A1,2024-05-02,0
A1,2024-05-03,
""",
    "exchange_rates": """
rate_date,from_currency,to_currency,rate,rate_type
2024-01-01,jpy,usd,0.006734521,
2024-01-31,EUR,USD,1.0837,Month end
2024-01-01,EUR,USD,1.1,budget
""",
}


def build_texts(root: Path, raw: dict[str, str], cache: Path) -> duckdb.DuckDBPyConnection:
    """Writes the texts as the templates of these names, lands and builds them."""
    folder = root / "raw" / "templates"
    folder.mkdir(parents=True)
    for table, text in raw.items():
        (folder / f"{table}.csv").write_text(text.lstrip(), encoding="utf-8")
    return build(root, "templates", cache)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build_texts(tmp_path_factory.mktemp("templates"), RAW, model_cache) as connection:
        yield connection


@pytest.fixture(scope="module")
def least(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The least that a company can hand in: one export with the required columns and an amount."""
    raw = {"contract_lines": "Account_ID,Contract_Line_ID,Start_Date,MRR_Amount\nA1,L1,2024-01-01,100\n"}
    with build_texts(tmp_path_factory.mktemp("least"), raw, model_cache) as connection:
        yield connection


def lines(connection: duckdb.DuckDBPyConnection, columns: str) -> dict[str, Any]:
    """Values of the columns by contract line, without the prefix of the id."""
    found = rows(
        connection,
        f"select replace(contract_line_id, 'templates:', ''), {columns} from intermediate.int_contract_lines__templates",
    )
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in found}


@pytest.mark.parametrize("table", sorted(RAW))
def test_every_record_is_accounted_for(full: duckdb.DuckDBPyConnection, table: str) -> None:
    counts = dict(rows(full, f"select _row_status, count(*) from staging.base_templates__{table} group by 1"))
    assert sum(counts.values()) == len(RAW[table].strip().splitlines()) - 1
    assert rows(full, f"select count(*) from staging.stg_templates__{table}") == [(counts["accepted"],)]


def test_rejected_records_say_why(full: duckdb.DuckDBPyConnection) -> None:
    reasons = rows(
        full,
        "select _record, _reject_reason from staging.base_templates__customers where _row_status = 'rejected' order by 1",
    )
    assert len(reasons) == 2  # the record without an id, and one of the two that contradict each other
    assert reasons[-1][1] is not None
    assert rows(
        full,
        "select _reject_reason from staging.base_templates__contract_lines where _row_status = 'rejected' order by _record",
    ) == [("account_id is empty",), ("start_date is empty",), ("start_date is no date",)]


def test_customers_keep_their_flags(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select * exclude (account_name) from intermediate.int_customers__templates where account_id = 'A2'",
    )
    assert found == [
        (
            "templates:A2",
            "templates",
            "A2",
            "A1",
            "A1",
            None,
            None,
            None,
            None,
            None,
            None,
            True,
            date(2024, 2, 5),
        )
    ]
    # an empty flag of deletion is no deletion; an empty recorded day stays unknown
    assert rows(
        full,
        "select is_deleted, recorded_date from intermediate.int_customers__templates where account_id = 'A3'",
    ) == [(False, None)]


def test_offer_type_and_licence_model_branches(full: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0]: row[1:]
        for row in rows(
            full,
            "select product_id, offer_type, licence_model, tier_rank from intermediate.int_products__templates",
        )
    }
    assert found == {
        "gold": ("product", "subscription", 2),  # empty is a product
        "care": ("support", None, None),  # capitals do not matter
        "onprem": ("product", "perpetual", None),
        "mnt": ("maintenance", "perpetual", None),
        "csm": ("success", None, None),
        "class": ("education", None, None),
        "proj": ("professional_services", None, None),  # blanks are underscores
        "odd": ("other", None, None),  # words that we do not know
    }


@pytest.mark.parametrize(
    ("line", "mrr"),
    [
        ("mrr", "100"),
        ("mrr_wins", "100"),  # the first filled way wins
        ("year", "50"),
        ("annual", "50"),
        ("yearly", "50"),
        ("annually", "50"),
        ("half", "100"),
        ("quarter", "200"),
        ("month", "600"),
        ("two_months", "300"),
        ("week", "2600"),  # 52 weeks / 12
        ("day", "304.166667"),  # 365 days / 12
        ("total", "1000"),  # 36 whole calendar months
        ("total_days", "1004.650721"),  # 439 days × 12 / 365 months
        ("total_last_day", "100"),  # the last day of service counts
        ("zero", "0"),  # free is known, not unknown
    ],
)
def test_monthly_amount(full: duckdb.DuckDBPyConnection, line: str, mrr: str) -> None:
    amount, reason = lines(full, "mrr_amount, exclusion_reason")[line]
    # the policy factors of week and day have six decimals
    assert amount == pytest.approx(Decimal(mrr), abs=Decimal("0.001") if line in ("week", "day") else 0)
    assert reason is None


@pytest.mark.parametrize("line", ["no_amount", "total_open", "odd_interval", "backwards"])
def test_a_line_without_a_computable_amount_is_kept_and_left_out(
    full: duckdb.DuckDBPyConnection, line: str
) -> None:
    assert lines(full, "mrr_amount, exclusion_reason")[line] == (None, "no_amount")


def test_ends_are_exclusive(full: duckdb.DuckDBPyConnection) -> None:
    found = lines(full, "end_date, term_start_date, term_end_date")
    assert found["total_last_day"] == (
        date(2025, 1, 1),
        date(2024, 1, 1),
        date(2025, 1, 1),
    )  # last day + 1; the term is the line
    assert found["both_ends"] == (
        date(2024, 7, 1),
        date(2024, 2, 1),
        date(2024, 7, 1),
    )  # end_date wins over last_day
    assert found["term_end"] == (
        None,
        date(2024, 2, 1),
        date(2024, 8, 1),
    )  # open-ended line in a term; term_end_date wins
    assert found["mrr_wins"] == (None, date(2024, 1, 1), None)  # open-ended and evergreen


def test_line_type_and_licence_model_come_from_the_product_unless_stated(
    full: duckdb.DuckDBPyConnection,
) -> None:
    found = lines(full, "line_type, licence_model, unit_of_measure, exclusion_reason")
    assert found["mrr"] == ("subscription", "subscription", "seats", None)
    assert found["support"] == ("support", "subscription", None, None)
    assert found["success"] == ("success", "subscription", None, None)
    assert found["stated_type"] == ("maintenance", "perpetual", "users", None)
    assert found["upkeep"] == ("maintenance", "perpetual", None, None)
    assert found["licence"] == ("subscription", "perpetual", None, "one_time")  # sold once
    assert found["odd_type"] == (
        "subscription",
        "subscription",
        None,
        "unknown_line_type",
    )  # never counted in silence
    assert found["no_product_row"] == (
        "subscription",
        "subscription",
        None,
        None,
    )  # the products export need not list it


def test_lines_left_out_say_why(full: duckdb.DuckDBPyConnection) -> None:
    found = lines(full, "exclusion_reason")
    assert {line: found[line] for line in ("trial", "draft", "own_words")} == {
        "trial": "trial",
        "draft": "draft",  # the stated reason wins over the flag
        "own_words": "other",  # which may name people
    }


def test_cancellation_pause_and_arrears(full: duckdb.DuckDBPyConnection) -> None:
    found = lines(
        full, "is_cancelled, cancel_requested_date, is_paused_at_end, past_due_from_date, is_usage_commitment"
    )
    assert found["cancelled"] == (True, date(2024, 6, 1), False, None, False)  # a request is a cancellation …
    assert found["cancel_undone"] == (
        False,
        date(2024, 6, 1),
        False,
        None,
        False,
    )  # … unless the export says otherwise
    assert found["lost"] == (True, None, True, date(2024, 5, 1), False)
    assert found["commitment"] == (False, None, False, None, True)


def test_keys_and_currency_of_lines(full: duckdb.DuckDBPyConnection) -> None:
    found = lines(
        full,
        "account_key, contract_key, renewal_of_contract_key, product_key, currency, quantity, escalator_rate, recorded_date",
    )
    expected = (
        "templates:A1",
        "templates:C1",
        "templates:C0",
        "templates:gold",
        "EUR",
        Decimal(10),
        Decimal("0.05"),
        date(2024, 1, 2),
    )
    assert found["mrr"] == expected
    # without a contract the line is one; without a currency it is in the reporting currency
    assert found["year"] == ("templates:A1", "templates:year", None, None, "USD", None, None, None)


def test_discounts(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select discount_id, contract_key, contract_line_id, percent_off, amount_off, currency, invoice_months, duration, end_date, sequence_number"
        " from intermediate.int_contract_discounts__templates order by 1",
    )
    assert found == [
        (
            "templates:ends",
            None,
            None,
            None,
            20,
            "USD",
            1,
            "repeating",
            date(2024, 7, 1),
            1,
        ),  # an end means repeating
        (
            "templates:half",
            "templates:C1",
            "templates:mrr",
            Decimal("0.5"),
            None,
            "USD",
            1,
            "forever",
            None,
            1,
        ),  # the share wins over the amount
        ("templates:once", None, None, None, 20, "EUR", 12, "once", date(2024, 2, 1), 2),
        ("templates:open", None, None, None, 20, "USD", 1, "forever", None, 1),  # no end means forever
    ]


def test_invoice_lines(full: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0].removeprefix("templates:"): row[1:]
        for row in rows(
            full,
            "select invoice_line_id, charge_type, licence_model, amount from intermediate.int_invoice_lines__templates",
        )
    }
    assert found == {
        "rec": ("recurring", "subscription", 120),
        "stated": ("usage", "subscription", 5),
        "licence": ("one_time", "perpetual", 9000),
        "upkeep": ("recurring", None, 1800),  # maintenance of a perpetual licence is no sale of one
        "course": ("one_time", None, 300),
        "project": ("one_time", None, 300),
        "odd": ("one_time", None, 300),
        "unlisted": ("one_time", "perpetual", 300),
        "credit": ("recurring", "subscription", -20),
        "no_product": ("recurring", None, 1),
    }
    dates = "select invoice_id, service_end_date, is_proration, recorded_date, currency from intermediate.int_invoice_lines__templates where invoice_line_id = "
    assert rows(full, dates + "'templates:rec'") == [
        ("templates:I1", date(2025, 1, 1), False, date(2024, 1, 31), "EUR")
    ]
    assert rows(full, dates + "'templates:stated'") == [
        ("templates:stated", date(2024, 2, 1), True, date(2024, 1, 30), "USD")
    ]


def test_loss_reason_sources(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select contract_key, reason_source, reason_key from intermediate.int_loss_reasons__templates order by loss_reason_id",
    )
    assert found == [
        ("templates:C1", "crm_renewal", reason_key("price")),
        (None, "cs_risk", reason_key("sponsor_left")),
        (None, "billing_cancel", reason_key("budget")),
        (None, "billing_cancel", reason_key("budget")),
        (None, "billing_cancel", reason_key("budget")),
    ]


def test_opportunities(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select opportunity_type, is_won, is_closed, currency from intermediate.int_opportunities__templates order by opportunity_key",
    )
    assert found == [
        ("new", True, True, "EUR"),  # won is closed
        ("expansion", False, True, "USD"),
        ("renewal", None, None, "USD"),  # unknown stays unknown
        ("other", None, False, "USD"),
        ("other", False, None, "USD"),  # not won may still be open
    ]


def test_opportunity_lines(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select opportunity_key, offer_id, annual_amount, annual_list_amount, currency, is_bundled, is_compulsory"
        " from intermediate.int_opportunity_lines order by opportunity_line_key",
    )
    assert found == [
        # a third of three years, in the currency of the opportunity
        ("templates:1", "OF1", Decimal(1200), Decimal("1333.333333"), "EUR", False, True),
        ("templates:1", None, Decimal(0), None, "USD", True, False),  # nothing to pay: comes with the product
        ("templates:2", None, Decimal(100), Decimal(100), "USD", True, False),
    ]


def test_a_day_with_0_events_is_no_use(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select usage_date, event_count, recorded_date from intermediate.int_usage_days__templates order by 1",
    )
    assert found == [(date(2024, 5, 1), 12, date(2024, 5, 1)), (date(2024, 5, 3), None, date(2024, 5, 3))]


def test_exchange_rates_keep_nine_decimals(full: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        full,
        "select from_currency, to_currency, rate_type, rate from intermediate.int_exchange_rates__templates order by 1 desc, 3",
    )
    assert found == [
        ("JPY", "USD", "spot", Decimal("0.006734521")),  # the kind of rate is spot unless stated
        ("EUR", "USD", "budget", Decimal("1.1")),
        ("EUR", "USD", "month_end", Decimal("1.0837")),
    ]


def test_one_export_with_the_required_columns_is_enough(least: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        least,
        "select contract_line_id, mrr_amount, currency, exclusion_reason from intermediate.int_contract_lines__templates",
    )
    assert found == [("templates:L1", 100, "USD", None)]
    for entity in ("customers", "products", "invoice_lines", "exchange_rates"):
        assert rows(least, f"select count(*) from intermediate.int_{entity}__templates") == [(0,)]
