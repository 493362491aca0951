"""The online customers as Stripe's exports show them (the layout of Fivetran's Stripe connector)."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from postsale.demo.canaries import ADDRESS, MARK, NOTE, PERSON
from postsale.demo.catalog import (
    CURRENCIES,
    FAMILIES,
    JPY,
    LIST_PRICE,
    METERED,
    ONBOARDING,
    PRICE_LEVEL,
    PRICE_RISES,
    PRODUCTS,
    online_price,
    whole,
)
from postsale.demo.clock import NEVER, NONE, Clock, Ints, day_of, month_start
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    always,
    booleans,
    constant,
    labels,
    numbers,
    size,
    stamps,
    take,
    text_ids,
)
from postsale.demo.online import (
    CANCELED,
    COUPONS,
    DRAFT,
    DURATIONS,
    INVOICE_STATUSES,
    NON_PAYMENT,
    OPEN,
    PAID,
    PAST_DUE,
    REASONS,
    STATUSES,
    TRIALING,
    UNPAID,
    VOID,
    Online,
    line_amount,
)
from postsale.demo.people import COUNTRY_CODES, People

LOWER_CURRENCIES = [currency.lower() for currency in CURRENCIES]
BEHAVIORS = ["void", "keep_as_draft"]
NOTED = f'{{"note": "{NOTE}"}}'
INTERVALS = [1, 3, 12]


def minor(hundredths: Ints, currency: Ints) -> Ints:
    """Minor units: hundredths, or whole units of a currency without a minor unit."""
    return np.where(currency == JPY, hundredths // 100, hundredths)


def price_number(product: Ints, currency: Ints, interval: Ints, version: Ints) -> Ints:
    """Number of the price of a product in a currency, interval and list version."""
    return ((product * 10 + currency) * 100 + interval) * 10 + version


def price_ids(number: Ints) -> pa.Array:
    """Price ids."""
    return text_ids("price_", number, 8)


def seconds_of(sub: Ints) -> Ints:
    """Second of the day at which everything of a subscription happens (08:00 to 20:00 UTC)."""
    return 28800 + sub * 7919 % 43200


def write_catalog(files: CsvFiles, clock: Clock) -> None:
    """Write products, prices and coupons."""
    as_of = clock.as_of
    goods = np.arange(len(PRODUCTS), dtype=np.int64)
    old = int(month_start(np.array([clock.first_month - 12]))[0])
    every = np.full(len(goods), old, dtype=np.int64)
    synced = np.full(len(goods), as_of)
    metadata = [
        json.dumps(
            {
                "product_family": FAMILIES[p.family],
                "offer_type": p.offer_type,
                "licence_model": p.licence_model,
                "tier_rank": str(p.tier_rank) if p.tier_rank else "",
            }
        )
        for p in PRODUCTS
    ]
    files.write(
        "product",
        {
            "id": text_ids("prod_", goods, 8),
            "_fivetran_synced": stamps(synced, 18000),
            "active": booleans(goods >= 0),
            "created": stamps(every),
            "description": constant(None, len(goods)),
            "is_deleted": booleans(goods < 0),
            "livemode": booleans(goods >= 0),
            "metadata": pa.array(metadata),
            "name": pa.array([p.name for p in PRODUCTS]),
            "type": constant("service", len(goods)),
            "unit_label": pa.array([p.unit for p in PRODUCTS]),
            "updated": stamps(every),
        },
    )

    recurring = [i for i, p in enumerate(PRODUCTS) if p.is_recurring and i != METERED]
    grid = np.array(
        [(p, c, i, v) for p in recurring for c in range(4) for i in INTERVALS for v in range(3)],
        dtype=np.int64,
    )
    product, currency, interval, version = grid.T
    unit = minor(online_price(product, currency, interval, version) * interval * 100, currency)
    begun = np.where(
        version == 0, old, np.minimum(month_start(PRICE_RISES[np.maximum(version - 1, 0)]), as_of)
    )
    specials = np.array([(p, c) for p in (METERED, ONBOARDING) for c in range(4)], dtype=np.int64)
    is_metered = specials[:, 0] == METERED
    once = np.where(
        is_metered, 100, whole(LIST_PRICE[specials[:, 0]] * PRICE_LEVEL[specials[:, 1]], specials[:, 1])
    )
    count, rest = len(grid), len(specials)
    kinds = pa.array(["licensed"] * count + ["metered" if flag else None for flag in is_metered.tolist()])
    words = pa.array(
        ["year" if i == 12 else "month" for i in interval.tolist()]
        + ["month" if f else None for f in is_metered]
    )
    counts = np.concatenate([np.where(interval == 12, 1, interval), np.where(is_metered, 1, NONE)])
    amount = np.concatenate([unit, np.where(is_metered, 1, minor(once, specials[:, 1]))])
    codes = np.concatenate([currency, specials[:, 1]])
    total = count + rest
    files.write(
        "price",
        {
            "id": price_ids(
                np.concatenate(
                    [
                        price_number(product, currency, interval, version),
                        price_number(
                            specials[:, 0],
                            specials[:, 1],
                            np.where(is_metered, 1, 0),
                            np.zeros(rest, dtype=np.int64),
                        ),
                    ]
                )
            ),
            "_fivetran_synced": stamps(np.full(total, as_of), 18000),
            "active": always(True, total),
            "billing_scheme": constant("per_unit", total),
            "created": stamps(np.concatenate([begun, np.full(rest, old)])),
            "currency": labels(LOWER_CURRENCIES, codes),
            "is_deleted": always(False, total),
            "livemode": always(True, total),
            "metadata": constant("{}", total),
            "nickname": constant(None, total),
            "product_id": text_ids("prod_", np.concatenate([product, specials[:, 0]]), 8),
            "recurring_aggregate_usage": pa.array(
                [None] * count + ["sum" if f else None for f in is_metered], pa.string()
            ),
            "recurring_interval": words,
            "recurring_interval_count": numbers(counts),
            "recurring_usage_type": kinds,
            "type": pa.array(["recurring"] * count + ["recurring" if f else "one_time" for f in is_metered]),
            "unit_amount": numbers(amount),
            "unit_amount_decimal": numbers(amount),
        },
    )

    # A coupon per kind, currency and interval: an amount off is per invoice.
    kinds_grid = np.array(
        [(k, c, i) for k in range(len(COUPONS)) for c in range(4) for i in INTERVALS], dtype=np.int64
    )
    kind, currency, interval = kinds_grid.T
    percent, off = COUPONS[kind, 1], COUPONS[kind, 3] * PRICE_LEVEL[currency] * interval
    files.write(
        "coupon",
        {
            "id": coupon_ids(kind, currency, interval),
            "amount_off": numbers(np.where(off > 0, minor(whole(off, currency), currency), NONE)),
            "created": stamps(np.full(len(kind), old)),
            "currency": labels(LOWER_CURRENCIES, np.where(off > 0, currency, -1)),
            "duration": labels(DURATIONS, COUPONS[kind, 0]),
            "duration_in_months": numbers(np.where(COUPONS[kind, 0] == 1, COUPONS[kind, 2], NONE)),
            "livemode": booleans(kind >= 0),
            "max_redemptions": numbers(np.full(len(kind), NONE)),
            "metadata": constant("{}", len(kind)),
            "name": constant("Welcome", len(kind)),
            "percent_off": numbers(np.where(percent > 0, percent, NONE)),
            "valid": booleans(kind >= 0),
            "_fivetran_synced": stamps(np.full(len(kind), as_of), 18000),
        },
    )


def coupon_ids(kind: Ints, currency: Ints, interval: Ints) -> pa.Array:
    """Coupon ids."""
    return text_ids("coupon_", (kind * 10 + currency) * 100 + interval, 6)


def write_customers(files: CsvFiles, people: People, online: Online, clock: Clock) -> None:
    """Write the customers of the block, each with its CRM account in the metadata."""
    subs = online.subscriptions
    account, first = np.unique(subs["account"], return_index=True)
    customer = subs["customer"][first]
    count = len(account)
    begun = np.full(count, NEVER)
    np.minimum.at(
        begun,
        np.searchsorted(account, subs["account"]),
        np.where(subs["trial_start"] > 0, subs["trial_start"], subs["start"]),
    )
    begun = np.minimum(begun, clock.as_of)
    known = np.where(people.is_unmatched[customer], NONE, account)
    crm = text_ids(f'{{"note": "{NOTE}", "sfdc_account_id": "001DM', known, 10, 'AAA"}').fill_null(NOTED)
    delinquent = np.isin(account, subs["account"][np.isin(subs["status"], (PAST_DUE, UNPAID))])
    files.write(
        "customer",
        {
            "id": text_ids("cus_", account),
            "_fivetran_synced": stamps(np.full(count, clock.as_of), 18000),
            "address_country": labels(COUNTRY_CODES, people.country[customer]),
            "balance": numbers(np.zeros(count, dtype=np.int64)),
            "created": stamps(begun, 25000),
            "currency": labels(LOWER_CURRENCIES, people.currency[customer]),
            "delinquent": booleans(delinquent),
            "email": text_ids(f"billing.{MARK}.", account, 8, ADDRESS),
            "is_deleted": always(False, count),
            "livemode": always(True, count),
            "name": text_ids(PERSON, account),
            "metadata": crm,
        },
        personal=("email", "name", "metadata"),
    )


def write_subscriptions(files: CsvFiles, people: People, online: Online, clock: Clock) -> None:
    """Write the history of every subscription (one row per state) and today's items."""
    subs, as_of = online.subscriptions, clock.as_of
    n = size(subs)
    created = np.where(subs["trial_start"] > 0, subs["trial_start"], subs["start"])
    row = np.arange(n, dtype=np.int64)
    has_trial = subs["trial_start"] > 0
    converted = has_trial & (subs["trial_start"] < subs["start"]) & (subs["start"] <= as_of)
    trial_only = has_trial & ~converted
    # State changes: subscription, day, second within the day, status, pause behaviour, resumes.
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []

    def change(
        rows: Ints, day: Ints, status: Ints | int, behavior: Ints | int = -1, resumes: Ints | int = NONE
    ) -> None:
        shape = (len(rows),)
        parts.append(
            (
                rows,
                np.broadcast_to(day, shape),
                np.broadcast_to(status, shape),
                np.broadcast_to(behavior, shape),
                np.broadcast_to(resumes, shape),
            )
        )

    change(row[has_trial], subs["trial_start"][has_trial], TRIALING)
    change(row[~trial_only], subs["start"][~trial_only], 0)
    pauses = online.pauses
    order = np.argsort(subs["sub"])
    owner = order[np.searchsorted(subs["sub"][order], pauses["sub"])]
    change(
        owner,
        pauses["start"],
        0,
        pauses["behavior"],
        np.where(pauses["is_end_known"] == 1, pauses["end"], NONE),
    )
    back = pauses["end"] <= as_of
    change(owner[back], pauses["end"][back], 0)
    dunned = subs["past_due_from"] > 0
    change(row[dunned], subs["past_due_from"][dunned], PAST_DUE)
    unpaid = subs["status"] == UNPAID
    change(row[unpaid], subs["period_start"][unpaid], UNPAID)
    ended = subs["status"] == CANCELED
    change(row[ended], subs["ended"][ended], CANCELED)
    asked = (subs["status"] == 0) & (subs["cancel_requested"] > 0)
    change(row[asked], np.maximum(subs["cancel_requested"], subs["start"])[asked], 0)

    owner, day, status, behavior, resumes = (np.concatenate([part[i] for part in parts]) for i in range(5))
    step = np.arange(len(owner))
    order = np.lexsort((step, day, owner))
    owner, day, status, behavior, resumes = (
        owner[order],
        day[order],
        status[order],
        behavior[order],
        resumes[order],
    )
    last = np.append(owner[1:] != owner[:-1], True) if len(owner) else np.zeros(0, dtype=bool)
    sub = subs["sub"][owner]
    # Changes of one day follow each other by a second, so that each version has a start of its own.
    same_day = np.append(False, (owner[1:] == owner[:-1]) & (day[1:] == day[:-1])) if len(owner) else last
    seconds = seconds_of(sub) + same_day
    start_ts = day * 86400 + seconds
    ends = np.append(start_ts[1:], 0) - 1 if len(owner) else start_ts
    far = int(np.datetime64("9999-12-31T23:59:59", "s").astype(np.int64))
    ends = np.where(last, far, ends)

    # Of versions that are over only the state counts; their billing period is the one that held their
    # first day.
    sub_day = seconds_of(subs["sub"])[owner]
    is_last_state = last
    period_start = np.where(is_last_state, subs["period_start"][owner], NONE)
    period_end = np.where(is_last_state, subs["period_end"][owner], NONE)
    begin = np.where(status == TRIALING, subs["trial_start"][owner], subs["start"][owner])
    months_in = np.maximum((day - begin) // 31, 0) // subs["interval"][owner] * subs["interval"][owner]
    begin_month = (begin.astype("M8[D]").astype("M8[M]").astype(np.int64)) + 12 * 1970
    dom = begin - month_start(begin_month) + 1
    dom = np.minimum(dom, 28)
    approx_start = np.where(status == TRIALING, begin, day_of(begin_month + months_in, dom))
    approx_end = np.where(
        status == TRIALING, begin + 14, day_of(begin_month + months_in + subs["interval"][owner], dom)
    )
    period_start = np.where(is_last_state, period_start, approx_start)
    period_end = np.where(is_last_state, period_end, approx_end)
    is_ended = status == CANCELED
    tells = is_last_state | is_ended
    requested = np.where(tells, subs["cancel_requested"][owner], NONE)
    cancel_at = np.where(is_last_state, subs["cancel_at"][owner], NONE)
    at_end = is_last_state & (
        (cancel_at > 0) | (is_ended & (subs["ended"][owner] == subs["period_end"][owner]))
    )
    reason_code = np.where(tells, subs["reason"][owner], -1)
    reason = np.where(reason_code == NON_PAYMENT, 1, np.where(reason_code >= 0, 0, -1))
    count = len(owner)
    trial_end = np.where(trial_only, subs["trial_start"] + 14, subs["start"])
    trial_end = np.where(has_trial, trial_end, NONE)[owner]
    files.write(
        "subscription_history",
        {
            "id": text_ids("sub_", sub),
            "_fivetran_synced": stamps(np.full(count, as_of), 18000),
            "_fivetran_active": booleans(last),
            "_fivetran_start": stamps(day, seconds),
            "_fivetran_end": pa.array(ends).cast(pa.timestamp("s")),
            "billing_cycle_anchor": stamps(subs["start"][owner], sub_day),
            "cancel_at": stamps(cancel_at, sub_day),
            "cancel_at_period_end": booleans(at_end),
            "canceled_at": stamps(requested, seconds_of(sub)),
            "cancellation_details_feedback": labels(
                REASONS, np.where(reason_code == NON_PAYMENT, -1, reason_code)
            ),
            "cancellation_details_reason": labels(["cancellation_requested", "payment_failed"], reason),
            "created": stamps(created[owner], sub_day),
            "current_period_end": stamps(period_end, sub_day),
            "current_period_start": stamps(period_start, sub_day),
            "customer_id": text_ids("cus_", subs["account"][owner]),
            "ended_at": stamps(np.where(is_ended, subs["ended"][owner], NONE), sub_day),
            "livemode": always(True, count),
            "metadata": constant(NOTED, count),
            "pause_collection_behavior": labels(BEHAVIORS, behavior),
            "pause_collection_resumes_at": stamps(np.where(behavior >= 0, resumes, NONE), sub_day),
            "quantity": numbers(subs["quantity"][owner]),
            "start_date": stamps(created[owner], sub_day),
            "status": labels(STATUSES, status),
            "trial_end": stamps(trial_end, sub_day),
            "trial_start": stamps(subs["trial_start"][owner], sub_day),
        },
        personal=("metadata",),
    )

    # Today's items: the main one, the second one if it is there today, a metered one.
    metered_subs = np.isin(subs["sub"], online.usage["sub"])
    for slot, chosen, product, quantity, version in (
        (0, row >= 0, subs["product"], subs["quantity"], subs["version"]),
        (
            1,
            subs["second_product"] >= 0,
            subs["second_product"],
            subs["second_quantity"],
            subs["second_version"],
        ),
        (2, metered_subs, np.full(n, METERED), np.full(n, NONE), np.zeros(n, dtype=np.int64)),
    ):
        item = take({**subs, "goods": product, "count": quantity, "ver": version, "made": created}, chosen)
        price = price_ids(
            price_number(
                item["goods"], item["currency"], np.where(slot == 2, 1, item["interval"]), item["ver"]
            )
        )
        second = seconds_of(item["sub"])
        files.write(
            "subscription_item",
            {
                "_fivetran_synced": stamps(np.full(size(item), as_of), 18000),
                "created": stamps(item["made"], second),
                "current_period_end": stamps(item["period_end"], second),
                "current_period_start": stamps(item["period_start"], second),
                "id": text_ids("si_", item["sub"] * 10 + slot),
                "metadata": constant("{}", size(item)),
                "plan_id": price,
                "price_id": price,
                "quantity": numbers(item["count"]),
                "subscription_id": text_ids("sub_", item["sub"]),
            },
        )


INVOICE_REASONS = ["subscription_create", "subscription_cycle", "subscription_update", "manual"]
TRIAL_INVOICE, FEE_INVOICE, CHANGE_INVOICE, USAGE_INVOICE = 998, 999, 500, 700


def write_invoices(files: CsvFiles, people: People, online: Online, clock: Clock) -> None:
    """Write invoices, their lines and credit notes."""
    lines, as_of = online.lines, clock.as_of
    write_lines(
        files,
        lines,
        "subscription",
        lines["sub"] * 1000 + lines["period"],
        lines["slot"],
        minor(line_amount(lines), lines["currency"]),
        as_of,
    )
    # One invoice per subscription and period: the lines of both items.
    invoice, first, at = np.unique(
        lines["sub"] * 1000 + lines["period"], return_index=True, return_inverse=True
    )
    head = take(lines, first)
    subtotal = np.zeros(len(invoice), dtype=np.int64)
    np.add.at(subtotal, at, line_amount(lines))
    # Discounts of the invoice's day; a coupon for once comes off the first invoice only.
    discounted = subtotal.copy()
    coupons = online.discounts
    for is_account in (0, 1):
        mine = take(coupons, coupons["is_account"] == is_account)
        order = np.argsort(mine["sub"], kind="stable")
        mine = take(mine, order)
        if not size(mine):
            continue
        place = np.minimum(np.searchsorted(mine["sub"], head["sub"]), size(mine) - 1)
        kind = mine["coupon"][place]
        holds = (mine["sub"][place] == head["sub"]) & (mine["start"][place] <= head["start"])
        holds &= np.where(COUPONS[kind, 0] == 0, head["period"] == 0, head["start"] < mine["end"][place])
        percent = np.where(holds, COUPONS[kind, 1], 0)
        off = np.where(holds, COUPONS[kind, 3] * PRICE_LEVEL[head["currency"]] * head["interval"], 0)
        discounted = np.maximum(discounted * (100 - percent) // 100 - whole(off, head["currency"]), 0)
    discounted = whole(discounted, head["currency"])
    reason = np.where(head["period"] == 0, 0, 1)
    write_heads(files, people, invoice, head, subtotal, discounted, reason, head["start"], as_of)

    # Changes in the middle of a period: what is unused comes back, what is new is charged.
    change = online.prorations
    left, whole_period = change["end"] - change["day"], np.maximum(change["end"] - change["start"], 1)
    back = -whole(change["old"] * change["price"] * 100 * left // whole_period, change["currency"])
    more = whole(change["new"] * change["price"] * 100 * left // whole_period, change["currency"])
    interval = np.zeros(size(change), dtype=np.int64)
    if size(change):
        order = np.argsort(online.subscriptions["sub"])
        place = order[np.searchsorted(online.subscriptions["sub"][order], change["sub"])]
        interval = online.subscriptions["interval"][place]
    extra = {**change, "interval": interval, "until": change["end"], "slot": np.zeros_like(interval)}
    number = change["sub"] * 1000 + CHANGE_INVOICE + change["period"]
    for side, amount, count in ((3, back, change["old"]), (4, more, change["new"])):
        shown = {**extra, "start": change["day"], "quantity": count}
        write_lines(
            files,
            shown,
            "invoiceitem",
            number,
            shown["slot"],
            minor(amount, change["currency"]),
            as_of,
            side,
            True,
        )
    net = back + more
    extra["invoice_status"] = np.full(size(change), PAID)
    write_heads(files, people, number, extra, net, net, np.full(size(change), 2), change["day"], as_of)

    # Metered use, onboarding fees, empty trial invoices.
    use = online.usage
    number = use["sub"] * 1000 + USAGE_INVOICE + use["period"]
    shown = {
        **use,
        "quantity": use["calls"],
        "slot": np.full(size(use), 2),
        "version": np.zeros(size(use), dtype=np.int64),
    }
    write_lines(
        files, shown, "subscription", number, shown["slot"], minor(use["cents"], use["currency"]), as_of
    )
    shown["invoice_status"] = np.full(size(use), PAID)
    write_heads(
        files, people, number, shown, use["cents"], use["cents"], np.full(size(use), 1), use["end"], as_of
    )

    fees = online.fees
    zero = np.zeros(size(fees), dtype=np.int64)
    amount = whole(LIST_PRICE[ONBOARDING] * PRICE_LEVEL[fees["currency"]] // 4, fees["currency"])
    shown = {
        **fees,
        "start": fees["day"],
        "end": fees["day"],
        "quantity": zero + 1,
        "slot": zero,
        "version": zero,
        "interval": zero,
        "product": zero + ONBOARDING,
        "invoice_status": zero + PAID,
        "period": zero,
    }
    number = fees["sub"] * 1000 + FEE_INVOICE
    write_lines(files, shown, "invoiceitem", number, zero, minor(amount, fees["currency"]), as_of, own=False)
    write_heads(files, people, number, shown, amount, amount, zero + 3, fees["day"], as_of)

    subs = online.subscriptions
    tried = take(subs, subs["trial_start"] > 0)
    zero = np.zeros(size(tried), dtype=np.int64)
    ends = np.where(tried["start"] > tried["trial_start"], tried["start"], tried["trial_start"] + 14)
    shown = {
        **tried,
        "start": tried["trial_start"],
        "end": ends,
        "slot": zero,
        "invoice_status": zero + PAID,
        "period": zero,
    }
    number = tried["sub"] * 1000 + TRIAL_INVOICE
    write_lines(files, shown, "subscription", number, zero, zero, as_of)
    write_heads(files, people, number, shown, zero, zero, zero, tried["trial_start"], as_of)

    # Who leaves at once in the middle of a period gets a part of it back.
    cut = (lines["until"] < lines["end"]) & (lines["slot"] == 0) & (lines["invoice_status"] == PAID)
    refund = take({**lines, "amount": line_amount(lines)}, cut)
    number = refund["sub"] * 1000 + refund["period"]
    part = whole(
        refund["amount"] * (refund["end"] - refund["until"]) // (refund["end"] - refund["start"]) // 2,
        refund["currency"],
    )
    value = numbers(minor(part, refund["currency"]))
    rows = size(refund)
    files.write(
        "credit_note",
        {
            "id": text_ids("cn_", number),
            "amount": value,
            "created": stamps(refund["until"], seconds_of(refund["sub"])),
            "currency": labels(LOWER_CURRENCIES, refund["currency"]),
            "discount_amount": numbers(np.zeros(rows, dtype=np.int64)),
            "subtotal": value,
            "total": value,
            "livemode": always(True, rows),
            "memo": constant(NOTE, rows),
            "metadata": constant("{}", rows),
            "number": text_ids("CN-", number),
            "reason": constant("order_change", rows),
            "status": constant("issued", rows),
            "type": constant("post_payment", rows),
            "voided_at": stamps(np.full(rows, NONE)),
            "invoice_id": text_ids("in_", number),
            "_fivetran_synced": stamps(np.full(rows, as_of), 18000),
        },
        personal=("memo",),
    )


def write_lines(
    files: CsvFiles,
    lines: Frame,
    kind: str,
    invoice: Ints,
    slot: Ints,
    amount: Ints,
    as_of: int,
    side: int = 0,
    is_proration: bool = False,
    own: bool = True,
) -> None:
    """Write invoice lines; ``own`` = the line belongs to a subscription item."""
    count = len(invoice)
    second = seconds_of(lines["sub"])
    price = price_ids(price_number(lines["product"], lines["currency"], lines["interval"], lines["version"]))
    sub = lines["sub"] if own else np.full(count, NONE)
    files.write(
        "invoice_line_item",
        {
            "id": text_ids("il_", invoice * 10 + slot + side, 14),
            "invoice_id": text_ids("in_", invoice, 13),
            "_fivetran_synced": stamps(np.full(count, as_of), 18000),
            "amount": numbers(amount),
            "currency": labels(LOWER_CURRENCIES, lines["currency"]),
            "description": constant(None, count),
            "discountable": always(True, count),
            "livemode": always(True, count),
            "period_end": stamps(lines["end"], second),
            "period_start": stamps(lines["start"], second),
            "plan_id": price,
            "price_id": price,
            "proration": always(is_proration, count),
            "quantity": numbers(lines["quantity"]),
            "subscription_id": text_ids("sub_", sub),
            "subscription_item_id": text_ids("si_", np.where(sub > NONE, lines["sub"] * 10 + slot, NONE)),
            "type": constant(kind, count),
            "unique_id": text_ids("il_", invoice * 10 + slot + side, 14),
        },
    )


def write_heads(
    files: CsvFiles,
    people: People,
    invoice: Ints,
    head: Frame,
    subtotal: Ints,
    net: Ints,
    reason: Ints,
    day: Ints,
    as_of: int,
) -> None:
    """Write invoices; European ones carry 20 % tax on top."""
    count = len(invoice)
    second = seconds_of(head["sub"])
    status, currency = head["invoice_status"], head["currency"]
    is_taxed = people.region[head["customer"]] == 1
    tax = np.where(is_taxed, net // 5, 0)
    total = minor(net + tax, currency)
    paid = np.where(status == PAID, total, 0)
    final = np.where(status == DRAFT, NONE, day)
    files.write(
        "invoice",
        {
            "id": text_ids("in_", invoice, 13),
            "_fivetran_synced": stamps(np.full(count, as_of), 18000),
            "amount_due": numbers(total),
            "amount_paid": numbers(paid),
            "amount_remaining": numbers(np.where(status == OPEN, total, 0)),
            "billing_reason": labels(INVOICE_REASONS, reason),
            "created": stamps(day, second),
            "currency": labels(LOWER_CURRENCIES, currency),
            "customer_id": text_ids("cus_", head["account"]),
            "due_date": stamps(np.full(count, NONE)),
            "is_deleted": always(False, count),
            "livemode": always(True, count),
            "metadata": constant("{}", count),
            "number": text_ids("DEMO-", invoice, 13),
            "paid": booleans(status == PAID),
            "period_end": stamps(day, second),
            "period_start": stamps(day, second),
            "status": labels(INVOICE_STATUSES, status),
            "status_transitions_finalized_at": stamps(final, second),
            "status_transitions_paid_at": stamps(np.where(status == PAID, day, NONE), second),
            "status_transitions_voided_at": stamps(np.where(status == VOID, day, NONE), second),
            "subscription_id": text_ids("sub_", np.where(head["period"] < 0, NONE, head["sub"])),
            "subtotal": numbers(minor(subtotal, currency)),
            "tax": numbers(minor(whole(tax, currency), currency)),
            "total": numbers(total),
        },
    )


def write_discounts(files: CsvFiles, online: Online, clock: Clock) -> None:
    """Write coupons of subscriptions, and coupons of accounts (which hit every subscription)."""
    held = take(online.discounts, online.discounts["is_account"] == 0)
    account_held = take(online.discounts, online.discounts["is_account"] == 1)
    _, first = np.unique(account_held["account"], return_index=True)
    for table, rows, owner in (
        ("subscription_discount", held, held["sub"]),
        ("discount", take(account_held, first), account_held["account"][first]),
    ):
        count = size(rows)
        second = seconds_of(rows["sub"])
        sub = rows["sub"] if table == "subscription_discount" else np.full(count, NONE)
        session = "checkout_session" if table == "subscription_discount" else "checkout_session_id"
        files.write(
            table,
            {
                "id": text_ids("di_" if table == "subscription_discount" else "di_a", owner),
                "_fivetran_synced": stamps(np.full(count, clock.as_of), 18000),
                session: constant(None, count),
                "coupon_id": coupon_ids(rows["coupon"], rows["currency"], rows["interval"]),
                "customer_id": text_ids("cus_", rows["account"]),
                "end": stamps(rows["end"], second),
                "invoice_id": constant(None, count),
                "invoice_item_id": constant(None, count),
                "start": stamps(rows["start"], second),
                "subscription_id": text_ids("sub_", sub),
            },
        )


def write_test_mode(files: CsvFiles, clock: Clock) -> None:
    """Write a customer, a subscription and an invoice of the test mode; none may count."""
    zero = np.zeros(1, dtype=np.int64)
    begun = zero + month_start(np.array([clock.first_month])) + 9
    synced, far = zero + clock.as_of, np.datetime64("9999-12-31T23:59:59", "s").astype(np.int64)
    end = day_of(zero + clock.first_month + 1, zero + 10)
    now_start = day_of(zero + clock.first_month + clock.months - 1, zero + 10)
    now_end = day_of(zero + clock.first_month + clock.months, zero + 10)
    no, yes = booleans(zero), booleans(zero + 1)
    price = price_ids(price_number(zero, zero, zero + 1, zero))
    files.write(
        "customer",
        {
            "id": constant("cus_test", 1),
            "_fivetran_synced": stamps(synced, 18000),
            "address_country": constant("US", 1),
            "balance": numbers(zero),
            "created": stamps(begun),
            "currency": constant("usd", 1),
            "delinquent": no,
            "email": constant(f"test.{MARK}{ADDRESS}", 1),
            "is_deleted": no,
            "livemode": no,
            "name": constant(PERSON, 1),
            "metadata": constant(NOTED, 1),
        },
        personal=("email", "name", "metadata"),
    )
    none = zero + NONE
    files.write(
        "subscription_history",
        {
            "id": constant("sub_test", 1),
            "_fivetran_synced": stamps(synced, 18000),
            "_fivetran_active": yes,
            "_fivetran_start": stamps(begun),
            "_fivetran_end": pa.array([int(far)]).cast(pa.timestamp("s")),
            "billing_cycle_anchor": stamps(begun),
            "cancel_at": stamps(none),
            "cancel_at_period_end": no,
            "canceled_at": stamps(none),
            "cancellation_details_feedback": constant(None, 1),
            "cancellation_details_reason": constant(None, 1),
            "created": stamps(begun),
            "current_period_end": stamps(now_end),
            "current_period_start": stamps(now_start),
            "customer_id": constant("cus_test", 1),
            "ended_at": stamps(none),
            "livemode": no,
            "metadata": constant("{}", 1),
            "pause_collection_behavior": constant(None, 1),
            "pause_collection_resumes_at": stamps(none),
            "quantity": numbers(zero + 999),
            "start_date": stamps(begun),
            "status": constant("active", 1),
            "trial_end": stamps(none),
            "trial_start": stamps(none),
        },
    )
    files.write(
        "subscription_item",
        {
            "_fivetran_synced": stamps(synced, 18000),
            "created": stamps(begun),
            "current_period_end": stamps(now_end),
            "current_period_start": stamps(now_start),
            "id": constant("si_test", 1),
            "metadata": constant("{}", 1),
            "plan_id": price,
            "price_id": price,
            "quantity": numbers(zero + 999),
            "subscription_id": constant("sub_test", 1),
        },
    )
    files.write(
        "invoice",
        {
            "id": constant("in_test", 1),
            "_fivetran_synced": stamps(synced, 18000),
            "amount_due": numbers(zero + 1998000),
            "amount_paid": numbers(zero + 1998000),
            "amount_remaining": numbers(zero),
            "billing_reason": constant("subscription_create", 1),
            "created": stamps(begun),
            "currency": constant("usd", 1),
            "customer_id": constant("cus_test", 1),
            "due_date": stamps(none),
            "is_deleted": no,
            "livemode": no,
            "metadata": constant("{}", 1),
            "number": constant("TEST-1", 1),
            "paid": yes,
            "period_end": stamps(begun),
            "period_start": stamps(begun),
            "status": constant("paid", 1),
            "status_transitions_finalized_at": stamps(begun),
            "status_transitions_paid_at": stamps(begun),
            "status_transitions_voided_at": stamps(none),
            "subscription_id": constant("sub_test", 1),
            "subtotal": numbers(zero + 1998000),
            "tax": numbers(zero),
            "total": numbers(zero + 1998000),
        },
    )
    files.write(
        "invoice_line_item",
        {
            "id": constant("il_test", 1),
            "invoice_id": constant("in_test", 1),
            "_fivetran_synced": stamps(synced, 18000),
            "amount": numbers(zero + 1998000),
            "currency": constant("usd", 1),
            "description": constant(None, 1),
            "discountable": yes,
            "livemode": no,
            "period_end": stamps(end),
            "period_start": stamps(begun),
            "plan_id": price,
            "price_id": price,
            "proration": no,
            "quantity": numbers(zero + 999),
            "subscription_id": constant("sub_test", 1),
            "subscription_item_id": constant("si_test", 1),
            "type": constant("subscription", 1),
            "unique_id": constant("il_test", 1),
        },
    )


def write_stripe(files: CsvFiles, people: People, online: Online, clock: Clock) -> None:
    """Write one block's Stripe exports."""
    write_customers(files, people, online, clock)
    write_subscriptions(files, people, online, clock)
    write_invoices(files, people, online, clock)
    write_discounts(files, online, clock)
