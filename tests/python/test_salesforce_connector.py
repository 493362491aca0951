"""Salesforce: the vendor's sample exports land unchanged, and every rule of the mapping on tiny exports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.connectors import VENDOR_SAMPLES, build, build_files, rows
from tests.harness import reason_key, write_csv

SAMPLES = VENDOR_SAMPLES / "salesforce"
SAMPLED = ["account", "user", "opportunity", "opportunity_line_item", "product_2", "order"]
YEAR = {"status": "Activated", "start_date": "2024-01-01", "end_date": "2024-12-31"}
WON = {"type": "New", "is_closed": "true", "is_won": "true", "close_date": "2023-12-20 00:00:00"}
LOST_RENEWAL = {"type": "Renewal", "is_closed": "true", "is_won": "false", "close_date": "2024-11-15"}

Record = dict[str, str]


def contract(key: str, **fields: str) -> Record:
    return {"id": key, "account_id": "A1", **YEAR, **fields}


def deal(key: str, **fields: str) -> Record:
    return {"id": key, "account_id": "A1", **WON, **fields}


def line(key: str, opportunity: str, total: str = "1200", **fields: str) -> Record:
    return {
        "id": key,
        "opportunity_id": opportunity,
        "product_2_id": "app",
        "quantity": "10",
        "total_price": total,
        **fields,
    }


# One fact a line; the assertions below say what it stands for.
RAW: dict[str, list[Record]] = {
    # two dated drops: the newest word on an account counts, and one that is gone stays
    "account/2024-01-31": [
        {"id": "A1", "name": "Alpha before"},
        {"id": "A2", "name": "Gone from the second drop", "segment_c": "SMB"},
    ],
    "account/2024-02-29": [
        {
            "id": "A1",
            "name": "Alpha",
            "parent_id": "A9",
            "billing_country": "DE",
            "industry": "Retail",
            "segment_c": "Enterprise",
            "created_date": "2023-01-05 10:00:00",
        },
        {"id": "P1", "name": "Ada Lovelace", "is_person_account": "true"},
        {"id": "A3", "name": "Merged", "master_record_id": "A1", "is_deleted": "TRUE"},
        {"id": "A4", "name": "Gone by the word of the loader", "_fivetran_active": "false"},
        {
            "id": "A5",
            "name": "Older version",
            "_fivetran_active": "false",
            "_fivetran_synced": "2024-02-20 00:00:00",
        },
        {
            "id": "A5",
            "name": "Current version",
            "_fivetran_active": "true",
            "_fivetran_synced": "2024-02-10 00:00:00",
        },
        {
            "id": "A6",
            "name": "Other spelling",
            "segment__c": "Mid",
            "region__c": "EMEA",
            "channel__c": "partner",
        },
        {"id": "", "name": "No id"},
    ],
    "user": [
        {
            "id": "U1",
            "name": "Ann Example",
            "email": "ann@example.com",
            "is_active": "true",
            "user_role_id": "R1",
            "manager_id": "U2",
        }
    ],
    "product_2": [
        {
            "id": "app",
            "name": "App",
            "family": "Suite",
            "quantity_unit_of_measure": "seats",
            "tier_rank_c": "2",
        },
        {"id": "perp", "name": "Server", "family": "Server", "licence_model_c": "Perpetual licence"},
        {
            "id": "mnt",
            "name": "Upkeep",
            "family": "Server Maintenance & Support",
            "licence_model__c": "perpetual",
        },
        {"id": "sup", "name": "Care", "family": "Support Services", "licence_model_c": "SaaS"},
        {
            "id": "csm",
            "name": "Success",
            "family": "Customer Success",
            "licence_model_c": "Annual subscription",
        },
        {"id": "edu", "name": "Course", "family": "Education", "licence_model_c": "1-year term"},
        {"id": "trn", "name": "Class", "family": "Training-Services"},
        {"id": "ps1", "name": "Project", "family": "PS"},
        {
            "id": "ps2",
            "name": "Project",
            "family": "Professional Services",
            "sbqq_charge_type_c": "Recurring",
        },
        {"id": "ps3", "name": "Project", "family": "Services"},
        {"id": "ps4", "name": "Project", "family": "IT Consulting"},
        {"id": "ps5", "name": "Project", "family": "Implementation"},
        {"id": "ps6", "name": "Project", "family": "Onboarding"},
        {"id": "cloud", "name": "Cloud", "family": "Cloud Services"},
        {"id": "ups", "name": "UPS", "family": "UPS"},
        {"id": "own1", "name": "Own word wins", "family": "Suite", "offer_type_c": "professional_services"},
        {"id": "own2", "name": "Own word unknown", "family": "Support", "offer_type_c": "Hardware"},
        {"id": "own3", "name": "Own word product", "family": "Support", "offer_type__c": "Product"},
        {"id": "oth", "name": "Other", "family": "Other"},
        {"id": "none", "name": "No family"},
        {"id": "use", "name": "Events", "family": "Suite", "sbqq_charge_type_c": "Usage"},
        {"id": "fee", "name": "Set-up fee", "family": "Suite", "sbqq__charge_type__c": "One-Time"},
    ],
    "contract": [
        contract("by_order", created_date="2024-01-03 09:00:00", sbqq_renewal_uplift_rate_c="5"),
        contract(
            "by_field", start_date="2024-01-15", end_date="", contract_term="36", sbqq_opportunity_c="o_field"
        ),
        contract("by_deal", end_date=""),
        contract("by_deal_field", currency_iso_code="eur"),
        contract("offers", sbqq__opportunity__c="o_offers"),
        contract(
            "stated_renewal",
            start_date="2025-01-01",
            end_date="2025-12-31",
            renewal_of_contract_c="by_order",
            sbqq_opportunity_c="o_stated",
        ),
        contract("deal_renewal", sbqq_opportunity_c="o_deal_renewal"),
        contract(
            "cpq_old", sbqq_renewal_opportunity_c="o_cpq", start_date="2023-01-01", end_date="2023-12-31"
        ),
        contract("cpq_new", sbqq_opportunity_c="o_cpq"),
        contract("lost"),
        contract("lost_but_renewed"),
        contract(
            "successor",
            start_date="2025-01-01",
            end_date="2025-12-31",
            renewal_of_contract__c="lost_but_renewed",
        ),
        contract("lost_of_two_1", sbqq_renewal_opportunity_c="o_lost_two"),
        contract("lost_of_two_2", sbqq_renewal_opportunity_c="o_lost_two"),
        contract("lost_cpq", sbqq_renewal_opportunity_c="o_lost_cpq"),
        contract("addition"),
        contract("not_won", sbqq_opportunity_c="o_not_won"),
        contract("twice_1"),
        contract("twice_2", sbqq_opportunity_c="o_twice"),
        contract("deleted", is_deleted="true", sbqq_opportunity_c="o_deleted_contract"),
        contract("deleted_lines", sbqq_opportunity_c="o_deleted_lines"),
        contract("deleted_deal", sbqq_opportunity_c="o_deleted_deal"),
        contract("unpriced", sbqq_opportunity_c="o_unpriced"),
        contract("draft", status="Draft", sbqq_opportunity_c="o_draft"),
        contract("in_approval", status="In Approval Process"),
        contract("expired", status="Expired"),
        contract("terminated", status="Terminated"),
        contract("cancelled", status="Cancelled", activated_date="2024-01-02 00:00:00"),
        contract("never_active", status="Cancelled"),
        contract("own_active", status="Live", activated_date="2024-01-02 00:00:00"),
        contract("own_waiting", status="Waiting for signature"),
        contract("own_coded", status="Live", status_code="Activated"),
        contract("deactivated", status="Not Activated"),
        contract("no_start", start_date=""),
        contract("no_account", account_id=""),
    ],
    "opportunity": [
        deal(
            "o_order",
            channel_c="partner",
            region_c="EMEA",
            amount="12000",
            created_date="2023-10-01 08:00:00",
        ),
        deal("o_field"),
        deal("o_by_deal", contract_id="by_deal"),
        deal("o_by_deal_field", contract_id_c="by_deal_field"),
        deal("o_names_renewed", type="Renewal", contract_id="by_deal", renewed_contract_id_c="by_deal"),
        deal("o_names_served", type="Renewal", contract_id="by_field"),
        deal("o_offers"),
        deal("o_stated"),
        deal(
            "o_deal_renewal",
            type="Renewal",
            renewed_contract_id_c="by_field",
            contract_id="by_field",
            currency_iso_code="gbp",
        ),
        deal("o_cpq", type="Renewal"),
        deal("o_lost", **{**LOST_RENEWAL, "renewed_contract_id__c": "lost", "loss_reason_c": "price"}),
        deal(
            "o_lost_but_renewed",
            **{**LOST_RENEWAL, "sbqq_renewed_contract_c": "lost_but_renewed", "loss_reason__c": "duplicate"},
        ),
        deal("o_lost_by_contract", **{**LOST_RENEWAL, "contract_id": "offers"}),
        deal("o_lost_two", **LOST_RENEWAL),
        deal("o_lost_cpq", **{**LOST_RENEWAL, "type": ""}),
        deal("o_lost_new", **{**LOST_RENEWAL, "type": "New Business"}),
        deal("o_open_renewal", type="Renewal", is_closed="false", is_won="false"),
        deal("o_deleted_renewal", **{**LOST_RENEWAL, "is_deleted": "true"}),
        deal("o_start"),
        deal("o_addition", type="Add-On"),
        deal("o_before"),
        deal("o_not_won", is_won="false"),
        deal("o_twice", contract_id="twice_1"),
        deal("o_two_orders"),
        deal("o_deleted_contract"),
        deal("o_deleted_lines"),
        deal("o_deleted_deal", is_deleted="true"),
        deal("o_unpriced"),
        deal("o_draft"),
        deal("o_other_account", account_id="A6", type="Barter"),
        *[
            deal(f"t_{key}", type=words)
            for key, words in enumerate(
                [
                    "RENEWAL",
                    "Auto-renew",
                    "Existing Business",
                    "Existing Customer - New Product",
                    "Expansion",
                    "Upsell",
                    "Up-Sell",
                    "Cross-Sell",
                    "Add-On",
                    "New Add on",
                    "New Business",
                    "new",
                    "Replacement",
                    "",
                ]
            )
        ],
    ],
    "opportunity_line_item": [
        line(
            "l_order",
            "o_order",
            "12000",
            created_date="2024-01-10 09:00:00",
            list_price="1500",
            discount="20",
        ),
        line("l_field", "o_field", "36000", term_months_c="36", is_bundled__c="true", is_compulsory_c="true"),
        line("l_by_deal", "o_by_deal"),
        line("l_by_deal_field", "o_by_deal_field"),
        *[
            line(f"l_{key}", "o_offers", product_2_id=key)
            for key in (
                "app",
                "perp",
                "mnt",
                "sup",
                "csm",
                "edu",
                "ps1",
                "ps2",
                "oth",
                "use",
                "fee",
                "unlisted",
            )
        ],
        line("l_names_renewed", "o_names_renewed"),
        line("l_names_served", "o_names_served"),
        line("l_stated", "o_stated"),
        line("l_deal_renewal", "o_deal_renewal"),
        line("l_cpq", "o_cpq"),
        line("l_start", "o_start"),
        line("l_addition", "o_addition", "600"),
        line("l_before", "o_before"),
        line("l_not_won", "o_not_won"),
        line("l_twice", "o_twice"),
        line("l_two_orders", "o_two_orders"),
        line("l_deleted_contract", "o_deleted_contract"),
        line("l_deleted_line", "o_deleted_lines", is_deleted="true"),
        line("l_kept_line", "o_deleted_lines"),
        line("l_deleted_deal", "o_deleted_deal"),
        line("l_by_unit", "o_unpriced", "", unit_price="12"),
        line("l_unpriced", "o_unpriced", ""),
        line("l_draft", "o_draft"),
        line("l_without_contract", "o_other_account"),
        line("l_bad", "o_order", "twelve"),
    ],
    "order": [
        {
            "id": "r1",
            "account_id": "A1",
            "contract_id": "by_order",
            "opportunity_id": "o_order",
            "effective_date": "2024-01-01 00:00:00",
            "end_date": "2024-12-31",
            "activated_date": "2023-12-21 12:00:00",
            "status": "Activated",
        },
        {"id": "r2", "contract_id": "addition", "opportunity_id": "o_start", "effective_date": "2024-01-01"},
        {
            "id": "r3",
            "contract_id": "addition",
            "opportunity_id": "o_addition",
            "effective_date": "2024-07-01",
        },
        {"id": "r4", "contract_id": "addition", "opportunity_id": "o_before", "effective_date": "2023-12-01"},
        {"id": "r5", "contract_id": "twice_1", "opportunity_id": "o_twice"},
        {
            "id": "r6",
            "contract_id": "twice_1",
            "opportunity_id": "o_two_orders",
            "effective_date": "2024-01-01",
        },
        {
            "id": "r7",
            "contract_id": "twice_1",
            "opportunity_id": "o_two_orders",
            "effective_date": "2024-03-01",
        },
        {
            "id": "r8",
            "contract_id": "twice_2",
            "opportunity_id": "o_two_orders",
            "effective_date": "2024-03-01",
        },
        {"id": "r9", "contract_id": "not_won", "opportunity_id": "o_other_account", "is_deleted": "true"},
    ],
}


@pytest.fixture(scope="module")
def samples(
    tmp_path_factory: pytest.TempPathFactory, model_cache: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not SAMPLES.is_dir():
        pytest.skip(f"no vendor samples in {SAMPLES}; set POSTSALE_SHARED_DATA")
    root = tmp_path_factory.mktemp("samples")
    with build_files(root, "salesforce", SAMPLES.glob("*.csv"), model_cache) as connection:
        yield connection


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("tiny")
    for name, records in RAW.items():
        write_csv(root / "raw" / "salesforce" / f"{name}.csv", records)
    with build(root, "salesforce", model_cache) as connection:
        yield connection


def by_id(connection: duckdb.DuckDBPyConnection, entity: str, key: str, columns: str) -> dict[str, Any]:
    """Values of the columns by the Salesforce id in the key column."""
    found = rows(connection, f"select {key}, {columns} from intermediate.int_{entity}__salesforce")
    return {row[0].removeprefix("salesforce:"): row[1] if len(row) == 2 else row[1:] for row in found}


def lines(connection: duckdb.DuckDBPyConnection, columns: str) -> dict[str, Any]:
    return by_id(connection, "contract_lines", "contract_line_id", columns)


# ---- the vendor's samples ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", SAMPLED)
def test_samples_are_accepted_to_the_last_record(samples: duckdb.DuckDBPyConnection, table: str) -> None:
    with (SAMPLES / f"sf_{table}_data.csv").open(encoding="utf-8", newline="") as file:
        record_count = sum(1 for _ in csv.DictReader(file))
    assert rows(
        samples, f"select _row_status, count(*) from staging.base_salesforce__{table} group by 1"
    ) == [("accepted", record_count)]


def test_samples_reach_the_contract_entities(samples: duckdb.DuckDBPyConnection) -> None:
    # deleted accounts stay: all ten of the sample are accounts, nine of them deleted
    assert rows(
        samples,
        "select count(*), count(*) filter (where is_deleted) from intermediate.int_customers__salesforce",
    ) == [(10, 9)]
    # the merged one names its survivor
    assert rows(
        samples,
        "select count(*) from intermediate.int_customers__salesforce where merged_into_account_id is not null",
    ) == [(1,)]
    assert rows(
        samples, "select offer_type, count(*) from intermediate.int_products__salesforce group by 1"
    ) == [("product", 2)]
    # every opportunity of the sample is deleted
    assert rows(samples, "select count(*) from intermediate.int_opportunities__salesforce") == [(0,)]
    # there is no contract export: zero rows, no error
    assert rows(samples, "select count(*) from intermediate.int_contract_lines__salesforce") == [(0,)]
    # a date written with midnight stays that date; amounts keep their size
    assert rows(
        samples,
        "select close_date, amount from staging.stg_salesforce__opportunity where opportunity_id = '006q000000HddohAAB'",
    ) == [(date(2018, 12, 19), 24120000)]
    assert rows(
        samples,
        "select sum(total_amount) from staging.stg_salesforce__opportunity_line_item where total_amount = 84250.32",
    ) == [(Decimal("84250.32"),)]


# ---- accounts, users, products ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["account", *[name for name in RAW if "/" not in name]])
def test_every_record_is_accounted_for(tiny: duckdb.DuckDBPyConnection, table: str) -> None:
    counts = dict(
        rows(tiny, f"select _row_status, count(*) from staging.base_salesforce__{table} group by 1")
    )
    assert sum(counts.values()) == sum(
        len(records) for name, records in RAW.items() if name.split("/")[0] == table
    )
    assert rows(tiny, f"select count(*) from staging.stg_salesforce__{table}") == [(counts["accepted"],)]


def test_newest_version_of_an_account_counts(tiny: duckdb.DuckDBPyConnection) -> None:
    names = by_id(tiny, "customers", "account_id", "account_name")
    assert names["A1"] == "Alpha"  # the newest drop
    assert names["A2"] == "Gone from the second drop"  # absent from the newest drop is not deleted
    assert names["A5"] == "Current version"  # history mode: the current version, though synced earlier
    assert "" not in names
    assert rows(
        tiny, "select _reject_reason from staging.base_salesforce__account where _row_status = 'rejected'"
    ) == [("key id is empty",)]


def test_deleted_and_merged_accounts_stay(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(tiny, "customers", "account_id", "is_deleted, merged_into_account_id")
    assert found["A3"] == (True, "A1")
    assert found["A4"] == (True, None)
    assert found["A1"] == (False, None)


def test_account_attributes_in_both_spellings(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(
        tiny,
        "customers",
        "account_id",
        "account_key, parent_account_id, crm_account_id, segment, region, channel, industry, country, recorded_date",
    )
    assert found["A1"] == (
        "salesforce:A1",
        "A9",
        "A1",
        "Enterprise",
        None,
        None,
        "Retail",
        "DE",
        date(2023, 1, 5),
    )
    assert found["A6"][3:6] == ("Mid", "EMEA", "partner")
    assert found["A2"][3] == "SMB"


def test_people_stay_in_staging(tiny: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        tiny, "select user_id, is_active, user_role_id, manager_user_id from staging.stg_salesforce__user"
    ) == [("U1", True, "R1", "U2")]
    shown = "select customer_name from marts.dim_customers where customer_id = 'salesforce:P1'"
    assert rows(tiny, shown) == [("salesforce:P1",)]  # a person account: its name is a person's


def test_offer_type_branches(tiny: duckdb.DuckDBPyConnection) -> None:
    assert by_id(tiny, "products", "product_id", "offer_type") == {
        **dict.fromkeys(["app", "perp", "use", "fee", "none"], "product"),
        "mnt": "maintenance",  # maintenance and support is maintenance
        "sup": "support",  # support services are support
        "csm": "success",
        "edu": "education",
        "trn": "education",
        **dict.fromkeys(["ps1", "ps2", "ps3", "ps4", "ps5", "ps6"], "professional_services"),
        "cloud": "product",  # services as a part of a product's name
        "ups": "product",  # ps inside a word
        "own1": "professional_services",  # the company's own field wins over the family
        "own2": "other",
        "own3": "product",
        "oth": "other",
    }


def test_licence_model_branches(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(tiny, "products", "product_id", "licence_model")
    assert {key: found[key] for key in ("perp", "mnt", "sup", "csm", "edu", "app")} == {
        "perp": "perpetual",
        "mnt": "perpetual",
        "sup": "subscription",
        "csm": "subscription",
        "edu": "subscription",
        "app": None,  # unknown stays unknown
    }
    assert by_id(tiny, "products", "product_id", "product_family, tier_rank, unit_of_measure")["app"] == (
        "Suite",
        2,
        "seats",
    )


# ---- opportunities and loss reasons -----------------------------------------------------------------------------------


def test_opportunity_type_branches(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(tiny, "opportunities", "opportunity_key", "opportunity_type")
    expected = ["renewal", "renewal", *["expansion"] * 8, "new", "new", "other", "other"]
    assert [found[f"t_{key}"] for key in range(len(expected))] == expected


def test_opportunities(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(
        tiny,
        "opportunities",
        "opportunity_key",
        "account_key, close_date, is_won, is_closed, channel, region, amount, currency, recorded_date",
    )
    assert found["o_order"] == (
        "salesforce:A1",
        date(2023, 12, 20),
        True,
        True,
        "partner",
        "EMEA",
        12000,
        "USD",
        date(2023, 10, 1),
    )
    assert found["o_other_account"][4:6] == (
        "partner",
        "EMEA",
    )  # those of the account, where the deal has none
    assert found["o_deal_renewal"][7] == "GBP"
    assert found["o_open_renewal"][2:4] == (False, False)
    assert "o_deleted_renewal" not in found


def test_lost_renewals_are_loss_reasons(tiny: duckdb.DuckDBPyConnection) -> None:
    found = by_id(
        tiny, "loss_reasons", "loss_reason_id", "contract_key, reason_key, reason_date, reason_source"
    )
    lost = date(2024, 11, 15)
    assert found == {
        "o_lost": ("salesforce:lost", reason_key("price"), lost, "crm_renewal"),
        "o_lost_but_renewed": ("salesforce:lost_but_renewed", reason_key("duplicate"), lost, "crm_renewal"),
        "o_lost_by_contract": (
            "salesforce:offers",
            None,
            lost,
            "crm_renewal",
        ),  # no reason recorded: the loss still is
        "o_lost_two": (None, None, lost, "crm_renewal"),  # two contracts at once: a loss of the account
        "o_lost_cpq": (
            "salesforce:lost_cpq",
            None,
            lost,
            "crm_renewal",
        ),  # a renewal because a contract says so
    }  # neither lost new business, nor open or deleted renewals


# ---- contract lines ---------------------------------------------------------------------------------------------------


def test_ends_and_monthly_amounts(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(tiny, "contract_key, start_date, end_date, mrr_amount, exclusion_reason")
    # the last day is inclusive in Salesforce; the total of a year is spread over 12 months
    assert found["l_order"] == ("salesforce:by_order", date(2024, 1, 1), date(2025, 1, 1), 1000, None)
    # without an end, the term in months
    assert found["l_field"] == ("salesforce:by_field", date(2024, 1, 15), date(2027, 1, 15), 1000, None)
    # without either, a total cannot be spread
    assert found["l_by_deal"] == ("salesforce:by_deal", date(2024, 1, 1), None, None, "no_term")
    assert found["l_by_deal_field"][0] == "salesforce:by_deal_field"
    # a price per unit stands in for the total; without both the amount is unknown
    assert found["l_by_unit"][3:] == (10, None)
    assert found["l_unpriced"][3:] == (None, "no_amount")
    # a total that is no number is a rejected record, not a line of 0
    assert "l_bad" not in found


def test_terms_quantities_and_record_days(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(
        tiny,
        "term_start_date, term_end_date, quantity, unit_of_measure, escalator_rate, recorded_date, account_key, product_key",
    )
    assert found["l_order"] == (
        *(date(2024, 1, 1), date(2025, 1, 1), 10, "seats", Decimal("0.05")),
        date(2024, 1, 10),  # known only when both the contract and its line are
        *("salesforce:A1", "salesforce:app"),
    )


def test_an_addition_runs_from_its_own_order_to_the_end_of_the_contract(
    tiny: duckdb.DuckDBPyConnection,
) -> None:
    found = lines(tiny, "start_date, end_date, term_start_date, mrr_amount")
    assert found["l_start"] == (date(2024, 1, 1), date(2025, 1, 1), date(2024, 1, 1), 100)
    assert found["l_addition"] == (
        date(2024, 7, 1),
        date(2025, 1, 1),
        date(2024, 1, 1),
        100,
    )  # 600 over 6 months
    assert found["l_before"] == (
        date(2024, 1, 1),
        date(2025, 1, 1),
        date(2024, 1, 1),
        100,
    )  # ordered ahead: from the start


def test_a_deal_feeds_one_contract_once(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(tiny, "contract_key, start_date")
    assert (
        found["l_twice"][0] == "salesforce:twice_2"
    )  # the contract's own field before an order, before the deal's field
    assert found["l_two_orders"] == (
        "salesforce:twice_1",
        date(2024, 1, 1),
    )  # several orders of one deal: the first day
    assert rows(
        tiny,
        "select count(*) - count(distinct contract_line_id) from intermediate.int_contract_lines__salesforce",
    ) == [(0,)]
    assert "l_names_renewed" not in found  # its contract field names the contract that it renews
    assert "l_names_served" not in found  # that contract names another deal as its own
    assert "l_without_contract" not in found  # a deal without a contract; its order is deleted


@pytest.mark.parametrize(
    ("item", "line_type", "licence_model", "reason"),
    [
        ("app", "subscription", "subscription", None),
        ("perp", "subscription", "perpetual", "one_time"),  # sold once
        ("mnt", "maintenance", "perpetual", None),  # recurs on a perpetual licence
        ("sup", "support", "subscription", None),
        ("csm", "success", "subscription", None),
        ("edu", "subscription", "subscription", "one_time"),
        ("ps1", "subscription", "subscription", "one_time"),
        ("ps2", "subscription", "subscription", None),  # the product says that it recurs
        ("oth", "subscription", "subscription", "one_time"),
        ("use", "subscription", "subscription", "usage"),
        ("fee", "subscription", "subscription", "one_time"),
        ("unlisted", "subscription", "subscription", None),  # a product that the export lacks
    ],
)
def test_what_recurs(
    tiny: duckdb.DuckDBPyConnection, item: str, line_type: str, licence_model: str, reason: str | None
) -> None:
    assert lines(tiny, "line_type, licence_model, exclusion_reason, mrr_amount")[f"l_{item}"] == (
        line_type,
        licence_model,
        reason,
        100,
    )


@pytest.mark.parametrize(
    ("key", "reason", "is_cancelled"),
    [
        ("l_draft", "draft", False),
        ("in_approval", "draft", False),
        ("never_active", "draft", False),  # cancelled before it began
        ("own_waiting", "draft", False),  # a status of the company's own, never activated
        ("deactivated", "draft", False),  # contains the word Activated and is not
        ("expired", "no_amount", False),  # ran its term; no deal, so no amount
        ("own_active", "no_amount", False),
        ("own_coded", "no_amount", False),
        ("terminated", "no_amount", True),
        ("cancelled", "no_amount", True),
        ("not_won", "no_amount", False),  # its deal is not won
        ("no_start", "no_start_date", False),
        ("no_account", "no_account", False),
        ("l_deleted_contract", "deleted", False),
        ("l_deleted_line", "deleted", False),
        ("l_deleted_deal", "deleted", False),
        ("l_kept_line", None, False),
    ],
)
def test_status_decides_what_counts(
    tiny: duckdb.DuckDBPyConnection, key: str, reason: str | None, is_cancelled: bool
) -> None:
    assert lines(tiny, "exclusion_reason, is_cancelled")[key] == (reason, is_cancelled)


def test_renewals_are_linked(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(tiny, "contract_key, renewal_of_contract_key")
    assert found["l_stated"] == ("salesforce:stated_renewal", "salesforce:by_order")
    assert found["l_deal_renewal"] == ("salesforce:deal_renewal", "salesforce:by_field")
    assert found["l_cpq"] == ("salesforce:cpq_new", "salesforce:cpq_old")
    assert found["l_order"][1] is None


def test_a_lost_renewal_cancels_the_contract_unless_it_was_renewed(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(tiny, "is_cancelled, cancel_requested_date")
    assert found["lost"] == (True, date(2024, 11, 15))
    assert found["lost_cpq"] == (True, date(2024, 11, 15))
    assert found["lost_but_renewed"] == (False, None)
    assert (
        found["lost_of_two_1"] == found["lost_of_two_2"] == (True, date(2024, 11, 15))
    )  # one lost deal was to renew both


def test_currency_of_the_deal_then_of_the_contract(tiny: duckdb.DuckDBPyConnection) -> None:
    found = lines(tiny, "currency")
    assert (found["l_deal_renewal"], found["l_by_deal_field"], found["l_order"]) == ("GBP", "EUR", "USD")


def test_orders_tell_the_booking_day(tiny: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        tiny,
        "select booking_date, start_date, end_date from staging.stg_salesforce__order where order_id = 'r1'",
    )
    assert found == [(date(2023, 12, 21), date(2024, 1, 1), date(2025, 1, 1))]


def test_opportunity_lines(tiny: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        tiny,
        "select replace(opportunity_line_key, 'salesforce:l_', ''), annual_amount, annual_list_amount, is_bundled, is_compulsory,"
        " has_product_discount from intermediate.int_opportunity_lines"
        " where opportunity_line_key in ('salesforce:l_order', 'salesforce:l_field') order by 1",
    )
    assert found == [
        ("field", Decimal(12000), None, True, True, False),
        ("order", Decimal(12000), Decimal(15000), False, False, True),
    ]
