"""The catalogue of services: what is offered beside the products, reviewed now and then, and what customers need of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.clock import NEVER, NONE, Clock, Ints, month_start
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    booleans,
    constant,
    dates,
    labels,
    numbers,
    size,
    take,
    text_ids,
)
from postsale.demo.people import PROSPECT, REGIONS, People
from postsale.demo.usage import mixed

LINES = ["support", "success", "education", "professional_services", "maintenance"]
SUPPORT, SUCCESS, EDUCATION, SERVICES, MAINTENANCE = range(5)
BASIC, STANDARD, PREMIER, SERVER, PLAN, ONBOARDING, PASS, BUNDLE, CUSTOM, PHONE, HARDENING, VALUE = range(12)
OFFERS = (
    # name, product, line, paid, standard, level, dollars a year, manager, dedicated, entry, launched, retired, changed (months)
    ("Basic Support", NONE, SUPPORT, 0, 0, 0, 0, 1, 1, 31, -24, NEVER, 20),
    ("Standard Support", 12, SUPPORT, 1, 1, 1, 2400, 1, 1, 31, -24, NEVER, 3),
    ("Premier Support", 13, SUPPORT, 1, 0, 2, 6000, 1, 1, 31, -24, NEVER, 3),
    ("Server Maintenance", 11, MAINTENANCE, 1, 1, NONE, 180, 1, 1, 15, -24, NEVER, 14),
    ("Success Plan", 14, SUCCESS, 1, 1, NONE, 4800, 2, 1, 31, -24, NEVER, 5),
    ("Onboarding Package", 15, SERVICES, 1, 0, NONE, 3000, 3, 0, 31, -24, NEVER, 9),
    ("Training Pass", 16, EDUCATION, 1, 0, NONE, 900, 4, 1, 27, -24, NEVER, 2),
    ("Adoption Bundle", NONE, SUCCESS, 1, 0, NONE, 9600, 2, 1, 31, 18, NEVER, 4),
    ("Statement of Work", NONE, SERVICES, 1, 0, NONE, NONE, 3, 0, 9, -24, NEVER, 12),
    ("Phone Support", NONE, SUPPORT, 1, 0, 1, 1800, NONE, 0, 3, -24, 10, 30),
    ("Guard Hardening Workshop", NONE, SERVICES, 1, 0, NONE, 5000, 3, 0, 23, 30, NEVER, 1),
    ("Value Review", NONE, SUCCESS, 1, 0, NONE, 3600, 2, 1, 31, 32, NEVER, 1),
)
"""`entry` are flags: 1 description, 2 price, 4 deliverables, 8 owner told, 16 value statement. `changed` are months before the end."""
ATTACHES = {
    STANDARD: (0, 1, 2), PREMIER: (0, 1, 2), SERVER: (0, 1), PLAN: (0, 1, 2), ONBOARDING: (0, 1, 2), PASS: (0, 1),
    BUNDLE: (0, 1), CUSTOM: (0, 1, 2), PHONE: (0, 1, 2), HARDENING: (2,), VALUE: (0, 1, 2), BASIC: (0, 1, 2),
}  # fmt: skip
ATTRIBUTES: dict[str, dict[int, tuple[str, ...]]] = {
    "silo": {
        BASIC: ("support",), STANDARD: ("support",), PREMIER: ("support", "success"), SERVER: ("support",), PLAN: ("success",),
        ONBOARDING: ("professional_services",), PASS: ("education",), BUNDLE: ("success", "education"), PHONE: ("support",),
        CUSTOM: ("professional_services",), HARDENING: ("professional_services",), VALUE: ("success",),
    },
    "licence_model": {
        STANDARD: ("subscription",), PREMIER: ("subscription", "perpetual"), SERVER: ("perpetual",), PLAN: ("subscription",),
        ONBOARDING: ("subscription", "perpetual"), BUNDLE: ("subscription", "perpetual"), HARDENING: ("subscription",),
        VALUE: ("subscription", "perpetual"),
    },
    "outcome": {
        PLAN: ("adoption", "success"), ONBOARDING: ("adoption", "data_migration"), PASS: ("adoption",),
        BUNDLE: ("adoption", "success"), HARDENING: ("security_review",), VALUE: ("success",),
    },
    "promise": {
        BASIC: ("fast_response",), STANDARD: ("fast_response", "current_technology"),
        PREMIER: ("fast_response", "current_technology", "outcome"), SERVER: ("current_technology",), PLAN: ("adoption", "outcome"),
        PASS: ("adoption",), BUNDLE: ("adoption", "outcome"), PHONE: ("fast_response",), VALUE: ("outcome",),
    },
    "segment_fit": {
        PREMIER: ("Enterprise", "Mid-market"), BUNDLE: ("Enterprise", "Mid-market"), CUSTOM: ("Enterprise",),
        STANDARD: ("Mid-market", "SMB"), PLAN: ("Enterprise", "Mid-market", "SMB"),
    },
    "component": {BUNDLE: ("OF004", "OF006")},
}  # fmt: skip
SOLD_FAMILIES = ["Insight", "Flow", "Guard"]
NEEDS = ["adoption", "success", "data_migration", "security_review", "change_management", "benchmarks"]
CURRENT_QUARTERS = 3
"""A release is current for so many quarters."""


def write_offers(templates: CsvFiles, truth: ParquetFiles, seed: int, clock: Clock) -> None:
    """Write the catalogue, what its offers are meant for, and their reviews; and which offers are active at each month-end."""
    place = np.arange(len(OFFERS), dtype=np.int64)
    column = [np.array([row[at] for row in OFFERS], dtype=np.int64) for at in range(1, 13)]
    product, line, paid, standard, level, price, manager, dedicated, entry, launched, retired, changed = (
        column
    )
    # Months from the first one on; what lies after the end never happens, the oldest were there before.
    launch = month_start(clock.first_month + launched)
    retire = np.where(retired < NEVER, month_start(clock.first_month + np.minimum(retired, 10**4)), NEVER)
    change = np.maximum(month_start(clock.first_month + clock.months - changed) + 4, launch)
    there = launch <= clock.as_of
    retire = np.where(retire <= clock.as_of, retire, NEVER)
    change = np.minimum(change, clock.as_of)
    rows: Frame = {
        "place": place, "product": product, "line": line, "paid": paid, "standard": standard, "level": level, "price": price,
        "manager": manager, "dedicated": dedicated, "entry": entry, "launch": launch, "retire": retire, "change": change,
    }  # fmt: skip
    rows = take(rows, there)
    count, flags = size(rows), rows["entry"]
    templates.write(
        "service_offers",
        {
            "offer_id": text_ids("OF", rows["place"], 3),
            "offer_name": labels([row[0] for row in OFFERS], rows["place"]),
            "product_id": text_ids("01tDM", rows["product"], 10, "AAA"),
            "product_system": labels(["salesforce"], np.where(rows["product"] > NONE, 0, -1)),
            "service_line": labels(LINES, rows["line"]),
            "is_paid": booleans(rows["paid"]),
            "is_attachable_standard": booleans(rows["standard"]),
            "service_level_rank": numbers(rows["level"]),
            "list_annual_amount": numbers(rows["price"]),
            "currency": constant("USD", count),
            "manager_id": text_ids("PM", rows["manager"], 2),
            "is_manager_dedicated": booleans(rows["dedicated"]),
            "has_description": booleans(flags & 1),
            "has_price": booleans(flags & 2),
            "has_deliverables": booleans(flags & 4),
            "has_value_statement": booleans(flags & 16),
            "is_guided": booleans(rows["level"] > NONE),
            "is_bundle": booleans(rows["place"] == BUNDLE),
            "is_custom": booleans(rows["place"] == CUSTOM),
            "created_date": dates(rows["launch"]),
            "launched_date": dates(rows["launch"]),
            "retired_date": dates(rows["retire"]),
            "changed_date": dates(rows["change"]),
        },
    )
    known = set(rows["place"].tolist())
    attributes = [
        (offer, "attaches_to_family", SOLD_FAMILIES[family])
        for offer, found in ATTACHES.items()
        for family in found
    ]
    attributes += [
        (offer, attribute, value)
        for attribute, of_offers in ATTRIBUTES.items()
        for offer, values in of_offers.items()
        for value in values
    ]
    attributes = [row for row in attributes if row[0] in known]
    count = len(attributes)
    number = np.arange(count, dtype=np.int64)
    templates.write(
        "offer_attributes",
        {
            "attribute_id": text_ids("OA", number, 4),
            "offer_id": text_ids("OF", np.array([row[0] for row in attributes], dtype=np.int64), 3),
            "attribute": labels([row[1] for row in attributes], number),
            "value": labels([row[2] for row in attributes], number),
            "valid_from": dates(np.full(count, NONE)),
            "valid_until": dates(np.full(count, NONE)),
        },
    )
    write_reviews(templates, rows, seed, clock)
    write_offer_ledger(truth, rows, clock)


def write_reviews(templates: CsvFiles, rows: Frame, seed: int, clock: Clock) -> None:
    """Reviews of offers twice a year or so, feedback from Sales more rarely, prices and policies by region once in a while."""
    salt = np.array([seed * 1000 + 77], dtype=np.int64)
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    found: list[Ints] = []
    for kind, share in enumerate((0.16, 0.1, 0.14)):
        for region in range(len(REGIONS)) if kind == 2 else (NONE,):
            code = kind * 10 + max(region, 0)
            draw = mixed(salt[:, None], rows["place"][:, None], months[None, :], code)
            offer, at = np.nonzero(draw < share)
            day = month_start(months[at]) + (
                mixed(salt, rows["place"][offer], months[at], code + 50) * 28
            ).astype(np.int64)
            fits = (day >= rows["launch"][offer]) & (day < rows["retire"][offer]) & (day <= clock.as_of)
            count = int(fits.sum())
            found.append(
                np.stack(
                    [rows["place"][offer][fits], day[fits], np.full(count, kind), np.full(count, region)],
                    axis=1,
                )
            )
    table = np.concatenate(found)
    templates.write(
        "offer_reviews",
        {
            "review_id": text_ids("OR", np.arange(len(table), dtype=np.int64), 6),
            "offer_id": text_ids("OF", table[:, 0], 3),
            "review_date": dates(table[:, 1]),
            "review_kind": labels(["review", "sales_feedback", "price_policy"], table[:, 2]),
            "region": labels(REGIONS, np.maximum(table[:, 3], -1)),
        },
    )


def write_offer_ledger(truth: ParquetFiles, rows: Frame, clock: Clock) -> None:
    """Write active offers at each month-end, and which of them have a complete entry."""
    attached = np.isin(rows["place"], list(ATTACHES))
    complete = (rows["entry"] & 7 == 7) & (rows["manager"] > NONE) & attached
    for end in clock.month_ends.tolist():
        active = (rows["launch"] <= end) & (rows["retire"] > end)
        truth.write(
            "offer_months",
            {
                "offer_id": text_ids("OF", rows["place"][active], 3),
                "month_end": dates(np.full(int(active.sum()), end)),
                "is_complete": booleans(complete[active]),
                "is_known": booleans(rows["change"][active] <= end),
            },
        )


def write_needs(templates: CsvFiles, truth: ParquetFiles, people: People, dice: Dice, clock: Clock) -> None:
    """Write which release each customer runs, and the needs for services that customers state."""
    salt = (dice.uniform("service needs") * 2**40).astype(np.int64)
    is_customer = (people.model != PROSPECT) & ~people.is_unmatched
    there = np.nonzero(is_customer & (people.join_month < clock.first_month + clock.months))[0]
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    began = np.maximum(people.join_month[there], clock.first_month)
    every = np.array([3, 6, 12, 24])[(mixed(salt[there], 1) * 4).astype(np.int64)]
    who, at = np.nonzero(
        (months[None, :] >= began[:, None]) & ((months[None, :] - began[:, None]) % every[:, None] == 0)
    )
    start = month_start(months[at])
    following = months[at] + every[who]
    until = np.where(following < clock.first_month + clock.months, month_start(following), NEVER)
    quarter = months[at] // 3
    current_until = month_start((quarter + CURRENT_QUARTERS) * 3)
    customer = there[who]
    templates.write(
        "customer_versions",
        {
            "version_id": text_ids("VR", people.index[customer] * 1200 + months[at] % 1200, 12),
            "account_id": text_ids("001DM", people.index[customer] * 10, 10, "AAA"),
            "product": constant("Platform", len(customer)),
            "release": text_ids("R", quarter - 4 * 2020, 3),
            "used_from": dates(start),
            "used_until": dates(until),
            "current_until": dates(np.where(current_until <= clock.as_of, current_until, NEVER)),
        },
    )
    truth.write(
        "customer_releases",
        {
            "customer_id": people.customer_ids().take(pa.array(customer)),
            "used_from": dates(start),
            "used_until": dates(until),
            "current_until": dates(current_until),
        },
    )
    who, at = np.nonzero(
        (months[None, :] >= began[:, None]) & (mixed(salt[there][:, None], months[None, :], 2) < 0.04)
    )
    customer = there[who]
    need = (mixed(salt[customer], months[at], 3) * len(NEEDS)).astype(np.int64)
    day = month_start(months[at]) + (mixed(salt[customer], months[at], 4) * 28).astype(np.int64)
    templates.write(
        "customer_needs",
        {
            "need_id": text_ids("SN", people.index[customer] * 1200 + months[at] % 1200, 12),
            "account_id": text_ids("001DM", people.index[customer] * 10, 10, "AAA"),
            "need": labels(NEEDS, need),
            "stated_date": dates(day),
        },
    )
