"""Customers billed online (Stripe): what happens to their subscriptions, period by period.

The truth of a line follows what the exports can say: a billing period counts at the quantity billed for it; a
change in the middle of a period counts from the next one (its proration lines are no recurring revenue); the
open period counts at today's quantity from its start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.catalog import JPY, METERED, PREMIER_SUPPORT, PRICE_RISES, STANDARD_SUPPORT, online_price
from postsale.demo.clock import NEVER, NONE, Clock, Ints, day_of, split_day
from postsale.demo.dice import Dice
from postsale.demo.frames import Frame, Rows, take
from postsale.demo.people import BOTH, PROSPECT, STRIPE, People

STREAMS = 2
CHAINS = 12
"""At most this many subscriptions follow each other in one stream."""

# Final state of a subscription.
ACTIVE, CANCELED, PAST_DUE, UNPAID, TRIALING, PAUSED = range(6)
STATUSES = ["active", "canceled", "past_due", "unpaid", "trialing", "active"]
# Invoice states.
PAID, OPEN, VOID, DRAFT = range(4)
INVOICE_STATUSES = ["paid", "open", "void", "draft"]
# Coupons: duration, percent off, months of a repeating one, amount off per month in whole dollars.
DURATIONS = ["once", "repeating", "forever"]
COUPONS = np.array(
    [[0, 20, 0, 0], [1, 20, 6, 0], [1, 50, 3, 0], [1, 30, 12, 0], [2, 10, 0, 0], [1, 0, 6, 4], [2, 0, 0, 2]],
    dtype=np.int64,
)
ACCOUNT_COUPON = 4
AMOUNT_COUPONS = (5, 6)
REASONS = [
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
    "",
]
NON_PAYMENT = 8


@dataclass
class Online:
    """What happened online in one block; see the column lists in :func:`run_online`."""

    lines: Frame
    planned: Frame
    """Lines that start after the last day, known from the announced end of a pause."""
    subscriptions: Frame
    pauses: Frame
    prorations: Frame
    discounts: Frame
    usage: Frame
    fees: Frame


LINE_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "slot",
    "product",
    "version",
    "interval",
    "start",
    "end",
    "until",
    "quantity",
    "true_quantity",
    "price",
    "counts",
    "invoice_status",
    "period",
    "is_cancelled",
)
SUB_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "stream",
    "chain",
    "start",
    "interval",
    "trial_start",
    "status",
    "ended",
    "cancel_requested",
    "cancel_at",
    "period_start",
    "period_end",
    "past_due_from",
    "reason",
    "product",
    "version",
    "quantity",
    "second_product",
    "second_version",
    "second_quantity",
    "was_single",
)


def run_online(people: People, dice: Dice, clock: Clock) -> Online:
    """Simulate one block's online subscriptions up to the last day of ``clock``."""
    as_of = clock.as_of
    n = people.count
    rows = np.arange(n * STREAMS, dtype=np.int64)
    cust, stream = rows // STREAMS, rows % STREAMS
    setup = dice.uniform("online setup", STREAMS, 12).reshape(n * STREAMS, 12)
    model, index = people.model[cust], people.index[cust]
    segment, success = people.segment[cust], people.success[cust]
    currency = people.currency[cust]

    primary = (stream == 0) & np.isin(model, (STRIPE, BOTH))
    extra = (stream == 1) & (model == STRIPE) & (setup[:, 0] < 0.22)
    trial_only = (stream == 0) & (model == PROSPECT)
    alive = primary | extra | trial_only
    account = people.index[cust] * 10 + people.account_ordinal(stream, cust)

    join = people.join_month[cust]
    delay = np.where(stream == 1, 3 + (setup[:, 1] * 15).astype(np.int64), 0)
    delay = np.where((model == BOTH) & (stream == 0), (setup[:, 1] * 8).astype(np.int64), delay)
    month = join + delay
    dom = np.where(stream == 0, people.join_dom[cust], 1 + (setup[:, 2] * 28).astype(np.int64))
    family = (index + stream) % 3
    tier = np.minimum((setup[:, 3] * 2.4).astype(np.int64), 2)
    interval = np.where(setup[:, 4] < 0.66, 1, np.where(setup[:, 4] < 0.72, 3, 12))
    mean_seats = np.array([60, 25, 7])[segment]
    quantity = 1 + np.floor(mean_seats * np.exp(0.6 * (2 * setup[:, 5] - 1)) * (0.3 + setup[:, 6])).astype(
        np.int64
    )
    version = (month[:, None] >= PRICE_RISES).sum(axis=1)
    trial_days = np.where((setup[:, 7] < 0.4) & (stream == 0), 14, 0)
    # The second item joins a number of periods into the subscription and may leave again.
    wants_second = setup[:, 8] < 0.35
    second_from = np.where(
        wants_second, (setup[:, 9] * 10).astype(np.int64) // np.maximum(interval // 3, 1), NEVER
    )
    second_to = np.where(setup[:, 10] < 0.25, second_from + 2 + (setup[:, 11] * 9).astype(np.int64), NEVER)
    is_support = (index + stream) % 2 == 0
    second_product = np.where(
        is_support, np.where(segment == 2, STANDARD_SUPPORT, PREMIER_SUPPORT), (family + 1) % 3 * 3
    )
    second_quantity = np.where(is_support, 1, np.maximum(1, quantity // 2))

    chain = np.zeros(n * STREAMS, dtype=np.int64)
    period = np.zeros(n * STREAMS, dtype=np.int64)
    sub_start = day_of(month, dom)
    trial_start = np.where(trial_days > 0, sub_start - trial_days, NONE)

    has_paused = np.zeros(n * STREAMS, dtype=bool)

    lines, subs = Rows(*LINE_COLUMNS), Rows(*SUB_COLUMNS)
    pauses, planned = Rows("sub", "start", "end", "behavior", "is_end_known"), Rows(*LINE_COLUMNS)
    prorations = Rows(
        "sub",
        "slot",
        "product",
        "version",
        "currency",
        "day",
        "end",
        "start",
        "old",
        "new",
        "price",
        "customer",
        "account",
        "period",
    )

    def number(rows: Ints) -> Ints:
        return people.index[cust[rows]] * 100 + stream[rows] * 40 + chain[rows]

    def finish(rows: Ints, **columns: Ints | int) -> None:
        """Write the final state of the subscriptions of these streams."""
        in_second = (period[rows] >= second_from[rows]) & (period[rows] < second_to[rows])
        base: dict[str, Ints | int] = {
            "sub": number(rows),
            "customer": cust[rows],
            "account": account[rows],
            "currency": currency[rows],
            "stream": stream[rows],
            "chain": chain[rows],
            "start": sub_start[rows],
            "interval": interval[rows],
            "trial_start": trial_start[rows],
            "status": ACTIVE,
            "ended": NEVER,
            "cancel_requested": NONE,
            "cancel_at": NONE,
            "past_due_from": NONE,
            "reason": -1,
            "product": family[rows] * 3 + tier[rows],
            "version": version[rows],
            "quantity": quantity[rows],
            "second_product": np.where(in_second, second_product[rows], -1),
            "second_version": version[rows],
            "second_quantity": second_quantity[rows],
            "was_single": (second_from[rows] >= NEVER).astype(np.int64),
        }
        subs.add(len(rows), **{**base, **columns})

    # Trials that never became customers, and trials still running on the last day.
    late = as_of - 3 - (setup[:, 1] * 9).astype(np.int64)
    begun = np.where(setup[:, 2] < 0.3, late, np.minimum(sub_start, as_of - 1))
    lost = np.nonzero(trial_only)[0]
    running = begun[lost] + 14 > as_of
    trial_start[lost] = begun[lost]
    sub_start[lost] = begun[lost] + 14
    finish(
        lost,
        start=begun[lost],
        status=np.where(running, TRIALING, CANCELED),
        ended=np.where(running, NEVER, begun[lost] + 14),
        cancel_requested=np.where(running, NONE, begun[lost] + 10),
        period_start=begun[lost],
        period_end=begun[lost] + 14,
        reason=np.where(running, -1, 3),
        second_product=-1,
    )
    alive &= ~trial_only

    # A trial that will turn into a subscription after the last day.
    alive &= sub_start - trial_days <= as_of
    waiting = np.nonzero(alive & (sub_start > as_of) & (trial_days > 0))[0]
    finish(
        waiting,
        start=trial_start[waiting],
        status=TRIALING,
        period_start=trial_start[waiting],
        period_end=sub_start[waiting],
        second_product=-1,
    )
    alive &= sub_start <= as_of

    for step in range(clock.months + 2):
        act = np.nonzero(alive)[0]
        if not len(act):
            break
        draw = dice.uniform(f"online {step}", STREAMS, 16).reshape(n * STREAMS, 16)[act]
        every = interval[act]
        start, end = day_of(month[act], dom[act]), day_of(month[act] + every, dom[act])
        current = end > as_of
        renew = people.renewal_probability[cust[act]] ** (every / 12 * 1.18)
        leaves = draw[:, 0] > renew
        seasoned = period[act] > 0
        # One leaver in four goes at once; the others stop at the end of the paid period.
        cut = start + 9 + np.floor(draw[:, 1] * np.maximum(end - start - 12, 1)).astype(np.int64)
        at_once = leaves & (draw[:, 2] < 0.25) & seasoned & (cut < end) & (cut <= as_of)
        dunning = leaves & ~at_once & (draw[:, 3] < 0.15)
        leaves_now = at_once | (leaves & ~current)
        until = np.where(at_once, cut, end)
        # A subscription goes unpaid at the start of a period and then counts no more.
        unpaid = current & ~leaves_now & seasoned & (start + 31 <= as_of) & (draw[:, 4] < 0.05)
        past_due = current & ~leaves_now & ~unpaid & (draw[:, 4] > 0.965) & (start + 3 <= as_of)

        # Changes of seats, of tier, of price.
        year_share = every / 12
        eager = success[act]
        grows = draw[:, 5] < (0.10 + 0.55 * eager) * year_share**0.9
        shrinks = ~grows & (draw[:, 5] > 1 - (0.20 - 0.14 * eager) * year_share**0.9)
        seats = quantity[act]
        more = seats + 1 + np.floor(seats * (0.05 + 0.30 * draw[:, 6])).astype(np.int64)
        fewer = np.maximum(1, seats - 1 - np.floor(seats * (0.05 + 0.30 * draw[:, 6])).astype(np.int64))
        next_seats = np.where(grows, more, np.where(shrinks, fewer, seats))
        steps_up = (draw[:, 7] < 0.07 * eager * year_share) & (tier[act] < 2)
        steps_down = (draw[:, 7] > 1 - 0.018 * year_share) & (tier[act] > 0)
        next_tier = tier[act] + steps_up - steps_down
        changes_seats = next_seats != seats
        change_day = start + 3 + np.floor(draw[:, 8] * (end - start - 6)).astype(np.int64)
        prorated = changes_seats & (draw[:, 9] < 0.5) & ~leaves_now & ~unpaid & (next_tier == tier[act])
        prorated &= change_day <= as_of
        # In the open period today's quantity counts from the start of the period.
        true_seats = np.where(current & prorated, next_seats, seats)

        # Those who go on may pause for some periods; the billing cycle of a paused subscription turns on.
        goes_on = ~current & ~leaves_now
        wants_pause = (draw[:, 14] < 0.009) & (every == 1)
        length = np.where(wants_pause & goes_on, 1 + np.floor(draw[:, 15] ** 2 * 3.99).astype(np.int64), 0)
        # Some take one short month off, which the grace bridges.
        short_month = day_of(month[act] + 2, dom[act]) - end <= 30
        takes_off = (
            (index[act] % 12 == 9)
            & (period[act] >= 4)
            & ~has_paused[act]
            & (every == 1)
            & short_month
            & goes_on
        )
        length = np.where(takes_off, 1, length)
        has_paused[act] |= length > 0
        resumes = day_of(month[act] + every + length, dom[act])
        still = (length > 0) & (resumes > as_of)
        turned = np.zeros_like(length)
        for skipped in range(1, 4):
            turned += day_of(month[act] + every + skipped, dom[act]) <= as_of
        next_period = period[act] + 1 + np.where(still, turned, length)

        sub = number(act)
        product = family[act] * 3 + tier[act]
        price = online_price(product, currency[act], every, version[act])
        is_cancelled = leaves_now.astype(np.int64)
        status = np.where(unpaid, DRAFT, np.where(past_due | (dunning & leaves_now), OPEN, PAID))
        shared = {
            "sub": sub,
            "customer": cust[act],
            "account": account[act],
            "currency": currency[act],
            "version": version[act],
            "interval": every,
            "start": start,
            "end": end,
            "until": until,
            "counts": ~unpaid,
            "invoice_status": status,
            "period": period[act],
            "is_cancelled": is_cancelled,
        }
        lines.add(
            len(act), slot=0, product=product, quantity=seats, true_quantity=true_seats, price=price, **shared
        )
        second = (period[act] >= second_from[act]) & (period[act] < second_to[act])
        in_second = {name: value[second] for name, value in shared.items()}
        # An item taken off a subscription that goes on is a recorded loss, no lapse.
        in_second["is_cancelled"] = (leaves_now | (goes_on & (next_period >= second_to[act])))[second].astype(
            np.int64
        )
        with_second = act[second]
        second_price = online_price(
            second_product[with_second], currency[with_second], interval[with_second], version[with_second]
        )
        lines.add(
            len(with_second),
            slot=1,
            product=second_product[with_second],
            quantity=second_quantity[with_second],
            true_quantity=second_quantity[with_second],
            price=second_price,
            **in_second,
        )
        # A paused subscription that is to resume after the last day: its next start is known.
        if_known = still & (index[act] % 2 == 1)
        for slot, there in ((0, if_known), (1, if_known & second & (next_period < second_to[act]))):
            who = act[there]
            goods = product[there] if slot == 0 else second_product[who]
            count = seats[there] if slot == 0 else second_quantity[who]
            again = {name: np.broadcast_to(value, (len(act),))[there] for name, value in shared.items()}
            again |= {
                "start": resumes[there],
                "until": np.full(len(who), NEVER),
                "is_cancelled": np.zeros(len(who), dtype=np.int64),
            }
            cost = online_price(goods, currency[who], interval[who], version[who])
            planned.add(
                len(who), slot=slot, product=goods, quantity=count, true_quantity=count, price=cost, **again
            )
        moved = act[prorated]
        prorations.add(
            len(moved),
            sub=sub[prorated],
            slot=0,
            product=product[prorated],
            version=version[moved],
            currency=currency[moved],
            day=change_day[prorated],
            start=start[prorated],
            end=end[prorated],
            old=seats[prorated],
            new=next_seats[prorated],
            price=price[prorated] * every[prorated],
            customer=cust[moved],
            account=account[moved],
            period=period[moved],
        )

        # Subscriptions that end now.
        gone = act[leaves_now]
        reason = np.floor(draw[:, 10] * NON_PAYMENT).astype(np.int64)
        unused = draw[:, 11] < 1 - people.adoption[cust[act]]
        reason = np.where(unused, 3, reason)
        reason = np.where(dunning, NON_PAYMENT, reason)
        asked = np.where(
            at_once, cut, np.maximum(start, end - 2 - np.floor(draw[:, 12] * 20).astype(np.int64))
        )
        finish(
            gone,
            status=CANCELED,
            ended=until[leaves_now],
            period_start=start[leaves_now],
            period_end=end[leaves_now],
            cancel_requested=np.where(dunning, end, asked)[leaves_now],
            reason=reason[leaves_now],
            past_due_from=np.where(dunning & (start + 3 < until), start + 3, NONE)[leaves_now],
        )
        # Subscriptions whose period is still open.
        here = current & ~leaves_now
        ends_later = here & leaves & (draw[:, 13] < 0.6) & ~unpaid & ~past_due
        request = start + np.floor(draw[:, 12] * (as_of - start)).astype(np.int64)
        quantity[act] = np.where(here, true_seats, quantity[act])
        finish(
            act[here],
            status=np.where(unpaid, UNPAID, np.where(past_due, PAST_DUE, ACTIVE))[here],
            period_start=start[here],
            period_end=end[here],
            cancel_requested=np.where(ends_later, request, NONE)[here],
            cancel_at=np.where(ends_later, end, NONE)[here],
            past_due_from=np.where(past_due, start + 2, NONE)[here],
            reason=np.where(ends_later, reason, -1)[here],
        )
        alive[act[here]] = False

        # Subscriptions that go on, perhaps after a pause of some periods.
        on = act[goes_on]
        for skipped in range(4):
            rest = goes_on & (length > skipped)
            void = take({**shared, "start": day_of(month[act] + 1 + skipped, dom[act])}, rest)
            void["end"] = void["until"] = day_of(month[act[rest]] + 2 + skipped, dom[act[rest]])
            void["counts"] = np.zeros(int(rest.sum()), dtype=np.int64)
            void["invoice_status"] = np.where(index[act[rest]] // 2 % 2 == 0, VOID, DRAFT)
            void["period"] = period[act[rest]] + 1 + skipped
            void = {
                **void,
                "slot": np.zeros_like(void["start"]),
                "product": product[rest],
                "quantity": seats[rest],
                "true_quantity": seats[rest],
                "price": price[rest],
            }
            known = void["start"] <= as_of
            lines.add(int(known.sum()), **take(void, known))
        is_paused = length > 0
        pauses.add(
            int(is_paused.sum()),
            sub=sub[is_paused],
            start=end[is_paused],
            end=resumes[is_paused],
            behavior=(index[act] // 2 % 2)[is_paused],
            is_end_known=(~still | (index[act] % 2 == 1))[is_paused],
        )
        period[act[still]] = next_period[still]
        finish(
            act[still],
            status=PAUSED,
            period_start=day_of(month[act] + turned + 1, dom[act])[still],
            period_end=day_of(month[act] + turned + 2, dom[act])[still],
        )
        alive[act[still]] = False

        quantity[on] = next_seats[goes_on]
        tier[on] = next_tier[goes_on]
        month[on] += every[goes_on] + length[goes_on]
        period[on] += 1 + length[goes_on]
        newest = (month[on][:, None] >= PRICE_RISES).sum(axis=1)
        accepts = (draw[goes_on, 13] < 0.3 * every[goes_on] ** 0.5) & (newest > version[on])
        version[on] = np.where(accepts, version[on] + 1, version[on])

        # Leavers who come back with a new subscription, soon or late.
        returns = leaves_now & (draw[:, 4] < 0.24) & (chain[act] < CHAINS - 1)
        gap = np.where(
            draw[:, 9] < 0.35, 3 + np.floor(draw[:, 8] * 25), 45 + np.floor(draw[:, 8] * 110)
        ).astype(np.int64)
        back = act[returns]
        month[back], dom[back] = split_day((until + gap)[returns])
        chain[back] += 1
        period[back] = 0
        trial_start[back] = NONE
        sub_start[back] = day_of(month[back], dom[back])
        quantity[back] = np.maximum(1, (quantity[back] * 4) // 5)
        version[back] = (month[back][:, None] >= PRICE_RISES).sum(axis=1)
        alive[act[leaves_now & ~returns]] = False
        alive[back] = sub_start[back] <= as_of

    line_frame, sub_frame = lines.frame(), subs.frame()
    discounts = draw_discounts(people, dice, sub_frame, clock)
    return Online(
        lines=line_frame,
        planned=planned.frame(),
        subscriptions=sub_frame,
        pauses=pauses.frame(),
        prorations=prorations.frame(),
        discounts=discounts,
        usage=draw_metered(people, line_frame, as_of),
        fees=draw_fees(people, dice, sub_frame),
    )


def draw_discounts(people: People, dice: Dice, subs: Frame, clock: Clock) -> Frame:
    """Coupons in the customers' hands; ``is_account`` = hits every subscription of the account."""
    draw = dice.uniform("discounts", STREAMS, CHAINS, 3)[subs["customer"], subs["stream"], subs["chain"]]
    rows = Rows("sub", "customer", "account", "coupon", "start", "end", "is_account", "currency", "interval")
    index = people.index[subs["customer"]]
    paid = (subs["start"] > subs["trial_start"]) & (subs["start"] <= clock.as_of)
    by_account = (index % 30 == 11) & paid
    has = paid & ((draw[:, 0] < 0.22) | (index % 30 == 11)) & ~((index % 30 == 11) & (draw[:, 0] > 0.5))
    coupon = np.floor(draw[:, 1] * len(COUPONS)).astype(np.int64)
    # Amounts off only where one item bears them, and never beside an account's percentage.
    is_amount = np.isin(coupon, AMOUNT_COUPONS)
    coupon = np.where(is_amount & ((subs["was_single"] == 0) | by_account), 1, coupon)
    month, dom = split_day(subs["start"])
    begins_late = (draw[:, 2] < 0.3) & (coupon != 0)
    month = np.where(begins_late, month + 4, month)
    start = day_of(month, dom)
    has &= (start <= clock.as_of) & (start < subs["ended"])
    end = np.where(COUPONS[coupon, 0] == 1, day_of(month + COUPONS[coupon, 2], dom), NEVER)
    rows.add(
        int(has.sum()),
        sub=subs["sub"][has],
        customer=subs["customer"][has],
        account=subs["account"][has],
        coupon=coupon[has],
        start=start[has],
        end=end[has],
        is_account=0,
        currency=subs["currency"][has],
        interval=subs["interval"][has],
    )
    # An account's coupon starts with its first paid subscription and hits all of them.
    order = np.lexsort((subs["start"], subs["account"]))
    first: dict[int, int] = {}
    for row in order[by_account[order]].tolist():
        first.setdefault(int(subs["account"][row]), int(subs["start"][row]))
    chosen = np.nonzero(by_account)[0]
    starts = np.array([first[int(a)] for a in subs["account"][chosen]], dtype=np.int64)
    rows.add(
        len(chosen),
        sub=subs["sub"][chosen],
        customer=subs["customer"][chosen],
        account=subs["account"][chosen],
        coupon=ACCOUNT_COUPON,
        start=starts,
        end=NEVER,
        is_account=1,
        currency=subs["currency"][chosen],
        interval=subs["interval"][chosen],
    )
    return rows.frame()


def draw_metered(people: People, lines: Frame, as_of: int) -> Frame:
    """Metered calls of some monthly subscriptions, billed after each period: no recurring revenue."""
    chosen = (people.index[lines["customer"]] % 25 == 7) & (lines["interval"] == 1) & (lines["slot"] == 0)
    chosen &= (lines["counts"] == 1) & (lines["until"] == lines["end"]) & (lines["end"] <= as_of)
    picked = take(lines, chosen)
    calls = 1000 + (picked["sub"] * 7919 + picked["period"] * 104729) % 9000
    cents = np.where(picked["currency"] == JPY, calls // 10 * 100, calls)
    return {**picked, "calls": calls, "cents": cents, "product": np.full(len(calls), METERED)}


def draw_fees(people: People, dice: Dice, subs: Frame) -> Frame:
    """Onboarding fees beside the first subscription: sub, customer, account, day, currency."""
    first = (subs["chain"] == 0) & (subs["stream"] == 0) & (subs["start"] > subs["trial_start"])
    first &= subs["status"] != TRIALING
    chosen = first & (dice.uniform("online fee")[subs["customer"]] < 0.15)
    return take(
        {**{name: subs[name] for name in ("sub", "customer", "account", "currency")}, "day": subs["start"]},
        chosen,
    )


def line_amount(lines: Frame) -> Ints:
    """Amount of each period line in hundredths of a currency unit, before discounts."""
    return lines["quantity"] * lines["price"] * lines["interval"] * 100
