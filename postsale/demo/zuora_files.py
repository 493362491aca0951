"""The contract customers as Zuora's exports show them (the layout of Fivetran's Zuora connector)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.catalog import CURRENCIES, FAMILIES, PRODUCTS
from postsale.demo.clock import NEVER, NONE, Clock, Ints, day_of, month_start
from postsale.demo.contracts import AMENDMENTS, NOTICE, REASONS, Contracts
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    always,
    booleans,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.people import CHANNELS, REGIONS, SEGMENTS, People

PERIODS = {1: "Month", 3: "Quarter", 12: "Annual"}
OFFER_PERIODS = ["Month", "Quarter", "Annual"]


def zid(kind: str, values: Ints) -> pa.Array:
    """A Zuora id: 32 characters, the first ones telling the object apart."""
    return text_ids(f"8ad0{kind}", values, 26)


def version_ids(sub: Ints, version: Ints) -> pa.Array:
    """Ids of subscription versions."""
    return zid("5b", sub * 1000 + version)


def synced(count: int, clock: Clock) -> dict[str, pa.Array]:
    """The loader's own columns."""
    return {
        "_fivetran_deleted": always(False, count),
        "_fivetran_synced": stamps(np.full(count, clock.as_of), 19800),
    }


def write_catalog(files: CsvFiles, clock: Clock) -> None:
    """Write the products."""
    goods = np.arange(len(PRODUCTS), dtype=np.int64)
    count = len(goods)
    old = np.full(count, month_start(np.array([clock.first_month - 12]))[0])
    ranks = np.array([product.tier_rank or NONE for product in PRODUCTS], dtype=np.int64)
    files.write(
        "product",
        {
            "id": zid("0f", goods),
            **synced(count, clock),
            "category": constant("Base Products", count),
            "created_date": stamps(old),
            "description": constant(None, count),
            "effective_end_date": dates(np.full(count, month_start(np.array([12 * 2099]))[0])),
            "effective_start_date": dates(old),
            "licence_model_c": pa.array([p.licence_model or None for p in PRODUCTS]),
            "name": pa.array([p.name for p in PRODUCTS]),
            "offer_type_c": pa.array([p.offer_type for p in PRODUCTS]),
            "product_family_c": pa.array([FAMILIES[p.family] for p in PRODUCTS]),
            "sku": text_ids("SKU-", goods, 8),
            "tier_rank_c": numbers(ranks),
            "updated_date": stamps(old),
        },
    )


def write_accounts(files: CsvFiles, people: People, contracts: Contracts, clock: Clock) -> None:
    """Write the billing accounts, each with the id of its CRM account."""
    subs, bought = contracts.subscriptions, contracts.purchases
    every = np.concatenate([subs["account"], bought["account"]])
    owner = np.concatenate([subs["customer"], bought["customer"]])
    begun = np.concatenate([subs["start"], bought["day"]])
    account, first, at = np.unique(every, return_index=True, return_inverse=True)
    customer, count = owner[first], len(account)
    created = np.full(count, NEVER)
    np.minimum.at(created, at, begun)
    created = np.minimum(created - 30, clock.as_of)
    files.write(
        "account",
        {
            "id": zid("ac", account),
            **synced(count, clock),
            "account_number": text_ids("A", account, 8),
            "auto_pay": booleans(account % 2 == 0),
            "batch": constant("Batch1", count),
            "bill_cycle_day": numbers(np.full(count, 1)),
            "channel_c": labels(CHANNELS, people.channel[customer]),
            "created_date": stamps(created, 33000),
            "crm_id": text_ids("001DM", account, 10, "AAA"),
            "currency": labels(CURRENCIES, people.currency[customer]),
            "name": pa.array([people.names[i] for i in customer.tolist()], pa.string()),
            "parent_account_id": constant(None, count),
            "payment_term": constant("Net 30", count),
            "region_c": labels(REGIONS, people.region[customer]),
            "segment_c": labels(SEGMENTS, people.segment[customer]),
            "status": constant("Active", count),
            "updated_date": stamps(created, 33000),
        },
    )


def write_subscriptions(files: CsvFiles, contracts: Contracts, clock: Clock) -> None:
    """Write every version of every subscription, and the amendments between them."""
    versions, subs = contracts.versions, contracts.subscriptions
    order = np.argsort(subs["sub"])
    place = order[np.searchsorted(subs["sub"][order], versions["sub"])]
    count = size(versions)
    last = versions["version"] == subs["latest"][place]
    cancelled = last & (subs["status"][place] == 1)
    ever = subs["is_evergreen"][place] == 1
    # The first version of a replacement names the version it follows.
    links = contracts.links
    back = np.argsort(links["successor"])
    heir = links["successor"][back]
    at = np.minimum(np.searchsorted(heir, versions["sub"]), max(len(heir) - 1, 0))
    follows = (
        (versions["version"] == 1) & (heir[at] == versions["sub"])
        if len(heir)
        else np.zeros(count, dtype=bool)
    )
    previous_sub = np.where(versions["version"] > 1, versions["sub"], 10 * NONE)
    previous_version = versions["version"] - 1
    if len(heir):
        previous_sub = np.where(follows, links["sub"][back][at], previous_sub)
        previous_version = np.where(follows, links["version"][back][at], previous_version)
    # Amendments within a term keep its dates; only the newest version knows of a cancellation.
    sub_end = np.where(cancelled, subs["end"][place], versions["term_end"])
    status = np.where(cancelled, 2, np.where(last, 0, 1))
    term_end = np.where(ever, NONE, versions["term_end"])
    length = np.where(ever, NONE, versions["term_months"])
    files.write(
        "subscription",
        {
            "id": version_ids(versions["sub"], versions["version"]),
            **synced(count, clock),
            "account_id": zid("ac", versions["account"]),
            "auto_renew": booleans(subs["auto_renew"][place] == 1),
            "cancel_reason": labels(REASONS, np.where(cancelled, subs["reason"][place], -1)),
            "cancelled_date": dates(np.where(cancelled, subs["end"][place], NONE)),
            "contract_acceptance_date": dates(subs["start"][place]),
            "contract_effective_date": dates(subs["start"][place]),
            "created_date": stamps(versions["created"], 36000),
            "current_term": numbers(length),
            "current_term_period_type": constant("Month", count),
            "initial_term": numbers(length),
            "initial_term_period_type": constant("Month", count),
            "is_latest_version": booleans(last),
            "name": text_ids("A-S", versions["sub"], 8),
            "original_id": version_ids(versions["sub"], np.ones(count, dtype=np.int64)),
            "previous_subscription_id": version_ids(previous_sub, previous_version),
            "renewal_term": numbers(length),
            "renewal_term_period_type": constant("Month", count),
            "service_activation_date": dates(subs["start"][place]),
            "status": labels(["Active", "Expired", "Cancelled"], status),
            "subscription_end_date": dates(np.where(ever & ~cancelled, NONE, sub_end)),
            "subscription_start_date": dates(subs["start"][place]),
            "term_end_date": dates(term_end),
            "term_start_date": dates(versions["term_start"]),
            "term_type": labels(["TERMED", "EVERGREEN"], subs["is_evergreen"][place]),
            "updated_date": stamps(versions["created"], 36000),
            "version": numbers(versions["version"]),
        },
        personal=("cancel_reason",),
    )

    # An amendment names the version it changed.
    change = take(versions, versions["version"] > 1)
    count = size(change)
    effective = dates(change["effective"])
    known = dates(change["created"])
    files.write(
        "amendment",
        {
            "id": zid("a3", change["sub"] * 1000 + change["version"]),
            **synced(count, clock),
            "auto_renew": pa.array(np.zeros(count, dtype=bool), mask=change["kind"] != NOTICE),
            "booking_date": known,
            "code": text_ids("A-AM", change["sub"] * 1000 + change["version"], 10),
            "contract_effective_date": known,
            "created_date": stamps(change["created"], 36000),
            "current_term": numbers(np.where(change["term_end"] >= NEVER, NONE, change["term_months"])),
            "effective_date": effective,
            "name": constant("Amendment", count),
            "resume_date": dates(np.full(count, NONE)),
            "status": constant("Completed", count),
            "subscription_id": version_ids(change["sub"], change["version"] - 1),
            "suspend_date": dates(np.full(count, NONE)),
            "type": labels(AMENDMENTS, change["kind"]),
            "updated_date": stamps(change["created"], 36000),
        },
    )


def number_segments(segments: Frame) -> Ints:
    """1, 2, 3 … within each charge, by start."""
    order = np.lexsort((segments["start"], segments["charge"]))
    charge = segments["charge"][order]
    fresh = np.append(True, charge[1:] != charge[:-1]) if len(charge) else np.zeros(0, dtype=bool)
    position = np.arange(len(charge))
    begin = np.maximum.accumulate(np.where(fresh, position, 0))
    result = np.empty(len(charge), dtype=np.int64)
    result[order] = position - begin + 1
    return result


def write_charges(files: CsvFiles, contracts: Contracts, clock: Clock) -> None:
    """Write rate plans and charges; each version of a subscription repeats the charges it knows."""
    segments, subs, versions = contracts.segments, contracts.subscriptions, contracts.versions
    order = np.argsort(subs["sub"])
    owner = order[np.searchsorted(subs["sub"][order], segments["sub"])]
    latest = subs["latest"][owner]
    number = number_segments(segments)
    repeats = latest - segments["version"] + 1
    row = np.repeat(np.arange(size(segments)), repeats)
    first = np.cumsum(repeats) - repeats
    version = segments["version"][row] + np.arange(len(row)) - first[row]
    shown = take(segments, row)
    cut = np.minimum(shown["cut_version"], latest[row])
    end = np.where(
        (version < cut) & (shown["end"] != shown["planned_end"]), shown["planned_end"], shown["end"]
    )
    # When each version came into being.
    key = versions["sub"] * 1000 + versions["version"]
    sorted_rows = np.argsort(key)
    made = versions["created"][sorted_rows[np.searchsorted(key[sorted_rows], shown["sub"] * 1000 + version)]]
    units = labels([product.unit for product in PRODUCTS], shown["product"])
    count = len(row)
    plan = shown["charge"] * 1000 + version
    billing = labels(OFFER_PERIODS, np.searchsorted(np.array([1, 3, 12]), shown["billing"]))
    months = np.where(shown["end"] >= NEVER, 12, np.maximum(shown["to_month"] - shown["from_month"], 0))
    uplift = np.where(shown["uplift"] > 0, shown["uplift"], NONE)
    files.write(
        "rate_plan_charge",
        {
            "id": zid("c8", plan * 100 + number[row]),
            **synced(count, clock),
            "account_id": zid("ac", shown["account"]),
            "billing_period": billing,
            "charge_model": constant("Per Unit Pricing", count),
            "charge_number": text_ids("C-", shown["charge"], 10),
            "charge_type": constant("Recurring", count),
            "created_date": stamps(made, 36000),
            "dmrc": decimals(np.zeros(count, dtype=np.int64), 2),
            "effective_end_date": dates(end),
            "effective_start_date": dates(shown["start"]),
            "end_date_condition": constant("SubscriptionEnd", count),
            "is_last_segment": booleans(number[row] == last_number(segments, number)[row]),
            "mrr": decimals(shown["mrr"], 2),
            "name": labels([product.name for product in PRODUCTS], shown["product"]),
            "original_id": zid("c8", (shown["charge"] * 1000 + segments["version"][row]) * 100 + number[row]),
            "price_change_option": labels(["SpecificPercentageValue"], np.where(uplift > 0, 0, -1)),
            "price_increase_percentage": numbers(uplift),
            "product_id": zid("0f", shown["product"]),
            "quantity": numbers(shown["quantity"]),
            "rate_plan_id": zid("f1", plan),
            "segment": numbers(number[row]),
            "subscription_id": version_ids(shown["sub"], version),
            "tcv": decimals(shown["mrr"] * months, 2),
            "transaction_currency": labels(CURRENCIES, shown["currency"]),
            "uom": units,
            "updated_date": stamps(made, 36000),
            "version": numbers(version),
        },
    )
    _, lead = np.unique(plan, return_index=True)
    rate_plans(files, take({**shown, "plan": plan, "ver": version, "made": made}, lead), clock)


def last_number(segments: Frame, number: Ints) -> Ints:
    """The highest segment number of each segment's charge."""
    charge, at = np.unique(segments["charge"], return_inverse=True)
    top = np.zeros(len(charge), dtype=np.int64)
    np.maximum.at(top, at, number)
    return top[at]


def rate_plans(files: CsvFiles, plans: Frame, clock: Clock) -> None:
    """Write rate plans: one per charge and subscription version."""
    count = size(plans)
    files.write(
        "rate_plan",
        {
            "id": zid("f1", plans["plan"]),
            **synced(count, clock),
            "account_id": zid("ac", plans["account"]),
            "amendment_id": constant(None, count),
            "amendment_type": constant(None, count),
            "created_date": stamps(plans["made"], 36000),
            "name": labels([p.name for p in PRODUCTS], plans["product"]),
            "product_id": zid("0f", plans["product"]),
            "subscription_id": version_ids(plans["sub"], plans["ver"]),
            "updated_date": stamps(plans["made"], 36000),
        },
    )


def write_purchases(files: CsvFiles, contracts: Contracts, clock: Clock) -> None:
    """Write what is sold once: a charge each, on the first subscription or on an order of its own."""
    bought = contracts.purchases
    count = size(bought)
    own = take(bought, bought["own_sub"] == 1)
    made = np.minimum(bought["day"] - 1, clock.as_of)
    rows = size(own)
    one = np.ones(rows, dtype=np.int64)
    end = own["day"] + 365
    files.write(
        "subscription",
        {
            "id": version_ids(own["sub"], one),
            **synced(rows, clock),
            "account_id": zid("ac", own["account"]),
            "auto_renew": booleans(one * 0),
            "cancel_reason": constant(None, rows),
            "cancelled_date": dates(one * NONE),
            "contract_acceptance_date": dates(own["day"]),
            "contract_effective_date": dates(own["day"]),
            "created_date": stamps(own["day"] - 1, 36000),
            "current_term": numbers(one * 12),
            "current_term_period_type": constant("Month", rows),
            "initial_term": numbers(one * 12),
            "initial_term_period_type": constant("Month", rows),
            "is_latest_version": booleans(one),
            "name": text_ids("A-S", own["sub"], 8),
            "original_id": version_ids(own["sub"], one),
            "previous_subscription_id": constant(None, rows),
            "renewal_term": numbers(one * 12),
            "renewal_term_period_type": constant("Month", rows),
            "service_activation_date": dates(own["day"]),
            "status": constant("Active", rows),
            "subscription_end_date": dates(end),
            "subscription_start_date": dates(own["day"]),
            "term_end_date": dates(end),
            "term_start_date": dates(own["day"]),
            "term_type": constant("TERMED", rows),
            "updated_date": stamps(own["day"] - 1, 36000),
            "version": numbers(one),
        },
    )
    # A charge sold once stands in the version that sold it and in all that follow.
    order = np.argsort(contracts.subscriptions["sub"])
    sold_on = contracts.subscriptions["sub"][order]
    place = np.minimum(np.searchsorted(sold_on, bought["sub"]), max(len(sold_on) - 1, 0))
    newest = (
        contracts.subscriptions["latest"][order][place] if len(sold_on) else np.ones(count, dtype=np.int64)
    )
    newest = np.where(bought["own_sub"] == 1, 1, newest)
    row = np.repeat(np.arange(count), newest)
    version = np.arange(len(row)) - (np.cumsum(newest) - newest)[row] + 1
    shown = take(bought, row)
    charge = shown["sub"] * 100 + shown["slot"] * 20 + shown["product"]
    plan = charge * 1000 + version
    total = len(row)
    zero = decimals(np.zeros(total, dtype=np.int64), 2)
    files.write(
        "rate_plan_charge",
        {
            "id": zid("c8", plan * 100 + 1),
            **synced(total, clock),
            "account_id": zid("ac", shown["account"]),
            "billing_period": constant(None, total),
            "charge_model": constant("Per Unit Pricing", total),
            "charge_number": text_ids("C-", charge, 10),
            "charge_type": constant("OneTime", total),
            "created_date": stamps(made[row], 36000),
            "dmrc": zero,
            "effective_end_date": dates(shown["day"] + 1),
            "effective_start_date": dates(shown["day"]),
            "end_date_condition": constant("OneTime", total),
            "is_last_segment": always(True, total),
            "mrr": zero,
            "name": labels([product.name for product in PRODUCTS], shown["product"]),
            "original_id": zid("c8", (charge * 1000 + 1) * 100 + 1),
            "price_change_option": constant(None, total),
            "price_increase_percentage": numbers(np.full(total, NONE)),
            "product_id": zid("0f", shown["product"]),
            "quantity": numbers(shown["quantity"]),
            "rate_plan_id": zid("f1", plan),
            "segment": numbers(np.ones(total, dtype=np.int64)),
            "subscription_id": version_ids(shown["sub"], version),
            "tcv": decimals(shown["quantity"] * shown["price"], 2),
            "transaction_currency": labels(CURRENCIES, shown["currency"]),
            "uom": labels([product.unit for product in PRODUCTS], shown["product"]),
            "updated_date": stamps(made[row], 36000),
            "version": numbers(version),
        },
    )
    rate_plans(files, {**shown, "plan": plan, "ver": version, "made": made[row]}, clock)


def invoice_items(contracts: Contracts, clock: Clock) -> Frame:
    """Every item billed up to the last day: recurring charges in advance, sales when they happen."""
    segments, as_of = contracts.segments, clock.as_of
    number = number_segments(segments)
    billed = (segments["mrr"] > 0) & (segments["start"] <= as_of)
    seg = take({**segments, "number": number}, billed)
    every = seg["billing"]
    begin, stop = seg["from_month"], seg["to_month"]
    periods = (stop - 1) // every - begin // every + 1
    row = np.repeat(np.arange(size(seg)), np.maximum(periods, 0))
    step = np.arange(len(row)) - (np.cumsum(np.maximum(periods, 0)) - np.maximum(periods, 0))[row]
    line = take(seg, row)
    opening = (line["from_month"] // line["billing"] + step) * line["billing"]
    opens = np.maximum(line["from_month"], opening)
    closes = np.minimum(line["to_month"], opening + line["billing"])
    service_start = day_of(line["sub_month"] + opens, line["dom"])
    service_end = day_of(line["sub_month"] + closes, line["dom"])
    keep = (service_start <= as_of) & (closes > opens)
    items = {
        "sub": line["sub"],
        "version": line["version"],
        "customer": line["customer"],
        "account": line["account"],
        "currency": line["currency"],
        "product": line["product"],
        "quantity": line["quantity"],
        "charge_id": (line["charge"] * 1000 + line["version"]) * 100 + line["number"],
        "day": service_start,
        "service_start": service_start,
        "service_end": service_end,
        "amount": line["mrr"] * (closes - opens),
        "unit": line["mrr"] // np.maximum(line["quantity"], 1),
        "kind": np.zeros(len(row), dtype=np.int64),
    }
    items = take(items, keep)
    bought = contracts.purchases
    charge = bought["sub"] * 100 + bought["slot"] * 20 + bought["product"]
    sold = {
        "sub": bought["sub"],
        "version": np.ones(size(bought), dtype=np.int64),
        "customer": bought["customer"],
        "account": bought["account"],
        "currency": bought["currency"],
        "product": bought["product"],
        "quantity": bought["quantity"],
        "charge_id": (charge * 1000 + 1) * 100 + 1,
        "day": bought["day"],
        "service_start": bought["day"],
        "service_end": bought["day"] + 1,
        "amount": bought["quantity"] * bought["price"],
        "unit": bought["price"],
        "kind": np.ones(size(bought), dtype=np.int64),
    }
    sold = take(sold, sold["day"] <= as_of)
    return {name: np.concatenate([items[name], sold[name]]) for name in items}


def write_invoices(files: CsvFiles, contracts: Contracts, clock: Clock) -> None:
    """Write posted invoices, one per subscription and day, and their items."""
    items = invoice_items(contracts, clock)
    order = np.lexsort((items["charge_id"], items["day"], items["sub"]))
    items = take(items, order)
    count = size(items)
    invoice = items["sub"] * 100000 + items["day"]
    numbers_, first, at = np.unique(invoice, return_index=True, return_inverse=True)
    position = np.arange(count) - first[at]
    files.write(
        "invoice_item",
        {
            "id": zid("e2", invoice * 100 + position),
            **synced(count, clock),
            "account_id": zid("ac", items["account"]),
            "charge_amount": decimals(items["amount"], 2),
            "charge_date": stamps(items["day"], 40000),
            "charge_name": labels([p.name for p in PRODUCTS], items["product"]),
            "created_date": stamps(items["day"], 40000),
            "invoice_id": zid("d1", invoice),
            "processing_type": numbers(np.zeros(count, dtype=np.int64)),
            "product_id": zid("0f", items["product"]),
            "quantity": numbers(items["quantity"]),
            "rate_plan_charge_id": zid("c8", items["charge_id"]),
            "service_end_date": dates(items["service_end"]),
            "service_start_date": dates(items["service_start"]),
            "subscription_id": version_ids(items["sub"], items["version"]),
            "tax_amount": decimals(np.zeros(count, dtype=np.int64), 2),
            "transaction_currency": labels(CURRENCIES, items["currency"]),
            "unit_price": decimals(items["unit"], 2),
            "updated_date": stamps(items["day"], 40000),
        },
    )
    head = take(items, first)
    total = np.zeros(len(numbers_), dtype=np.int64)
    np.add.at(total, at, items["amount"])
    once = np.zeros(len(numbers_), dtype=np.int64)
    np.maximum.at(once, at, items["kind"])
    often = np.zeros(len(numbers_), dtype=np.int64)
    np.maximum.at(often, at, 1 - items["kind"])
    rows = len(numbers_)
    amount = decimals(total, 2)
    files.write(
        "invoice",
        {
            "id": zid("d1", numbers_),
            **synced(rows, clock),
            "account_id": zid("ac", head["account"]),
            "amount": amount,
            "amount_without_tax": amount,
            "balance": decimals(np.zeros(rows, dtype=np.int64), 2),
            "created_date": stamps(head["day"], 40000),
            "due_date": dates(head["day"] + 30),
            "includes_one_time": booleans(once),
            "includes_recurring": booleans(often),
            "includes_usage": always(False, rows),
            "invoice_date": dates(head["day"]),
            "invoice_number": text_ids("INV", numbers_, 14),
            "posted_date": stamps(head["day"], 40000),
            "reversed": always(False, rows),
            "status": constant("Posted", rows),
            "tax_amount": decimals(np.zeros(rows, dtype=np.int64), 2),
            "transaction_currency": labels(CURRENCIES, head["currency"]),
            "updated_date": stamps(head["day"], 40000),
        },
    )


def write_zuora(files: CsvFiles, people: People, contracts: Contracts, clock: Clock) -> None:
    """Write one block's Zuora exports."""
    write_accounts(files, people, contracts, clock)
    write_subscriptions(files, contracts, clock)
    write_charges(files, contracts, clock)
    write_purchases(files, contracts, clock)
    write_invoices(files, contracts, clock)
