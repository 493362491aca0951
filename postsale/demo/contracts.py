"""Customers with signed contracts (Zuora): terms, amendments, ramps, renewals, cancellations and lapses.

A stream is one line of business with a customer: its main subscription, a second product family, a service
contract, a child company's subscription. Subscriptions follow each other within a stream. Zuora states the
recurring revenue of each charge segment itself, net of what was negotiated, and that is the truth here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.catalog import (
    FLOW_SERVER,
    INSIGHT_SERVER,
    LIST_PRICE,
    ONBOARDING,
    PREMIER_SUPPORT,
    PRICE_LEVEL,
    SERVER_MAINTENANCE,
    STANDARD_SUPPORT,
    SUCCESS_PLAN,
    TRAINING,
    half_up,
    whole,
)
from postsale.demo.clock import LAST_MONTH, NEVER, NONE, Clock, Flags, Ints, day_of, split_day
from postsale.demo.dice import Dice
from postsale.demo.frames import Frame, Rows
from postsale.demo.people import BOTH, LICENCES, PERPETUAL, ZUORA, People

STREAMS = 4
CHAINS = 12
PURCHASES = 8
LATEST = 10**5
"""Version number that stands for "the subscription's newest version"."""

AMENDMENTS = ["", "Renewal", "UpdateProduct", "Cancellation", "TermsAndConditions"]
FIRST, RENEWAL, UPDATE, CANCEL, NOTICE = range(5)
REASONS = [
    "No value",
    "Budget cut",
    "Not used",
    "Missing features",
    "Lost to competitor",
    "Bad support",
    "Acquired",
    "Other",
]
# What became of a term.
RUNNING, RENEWED, CANCELLED, LAPSED, REPLACED = range(5)
UPLIFTS = np.array([0, 3, 5, 7], dtype=np.int64)


@dataclass
class Contracts:
    """What happened under contract in one block; see the column lists in :func:`run_contracts`."""

    segments: Frame
    versions: Frame
    subscriptions: Frame
    terms: Frame
    purchases: Frame
    links: Frame
    """Subscriptions (sub) followed by a linked one (successor) that starts on day start."""


SEGMENT_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "slot",
    "product",
    "charge",
    "start",
    "end",
    "planned_end",
    "from_month",
    "to_month",
    "quantity",
    "mrr",
    "version",
    "cut_version",
    "is_cancelled",
    "billing",
    "uplift",
    "sub_month",
    "dom",
)
VERSION_COLUMNS = (
    "sub",
    "version",
    "kind",
    "created",
    "effective",
    "term_start",
    "term_end",
    "term_months",
    "customer",
    "account",
)
SUB_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "stream",
    "start",
    "is_evergreen",
    "latest",
    "status",
    "end",
    "ended_by",
    "requested",
    "reason",
    "auto_renew",
    "billing",
    "uplift",
)
TERM_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "stream",
    "number",
    "start",
    "end",
    "months",
    "outcome",
    "decided",
    "reason",
    "product",
    "quantity",
    "mrr",
    "is_first",
    "is_return",
    "is_evergreen",
)
PURCHASE_COLUMNS = (
    "sub",
    "customer",
    "account",
    "currency",
    "product",
    "quantity",
    "price",
    "day",
    "slot",
    "own_sub",
)


def run_contracts(people: People, dice: Dice, clock: Clock) -> Contracts:
    """Simulate one block's contracts up to the last day of ``clock``."""
    as_of, n = clock.as_of, people.count
    total = n * STREAMS
    rows = np.arange(total, dtype=np.int64)
    cust, stream = rows // STREAMS, rows % STREAMS
    setup = dice.uniform("contract setup", STREAMS, 20).reshape(total, 20)
    model, index, segment = people.model[cust], people.index[cust], people.segment[cust]
    success, currency = people.success[cust], people.currency[cust]

    signs = np.isin(model, (ZUORA, BOTH))
    perpetual = model == PERPETUAL
    main = (stream == 0) & (signs | (perpetual & (setup[:, 0] < 0.92)))
    second = (stream == 1) & signs & (setup[:, 0] < 0.22)
    service = (stream == 2) & (signs | perpetual) & (setup[:, 0] < 0.25)
    child = (stream == 3) & signs & (people.children[cust] > 0) & (setup[:, 0] < 0.8)
    alive = main | second | service | child
    account = index * 10 + people.account_ordinal(
        np.where(stream == 3, 1, np.where(stream == 2, 0, stream)), cust
    )

    is_maintenance = main & perpetual
    family = np.where(stream == 1, (index + 1) % 3, index % 3)
    tier = np.minimum((setup[:, 1] * 2.6).astype(np.int64), 2)
    service_product = np.where(
        setup[:, 2] < 0.5, SUCCESS_PLAN, np.where(setup[:, 2] < 0.75, STANDARD_SUPPORT, PREMIER_SUPPORT)
    )
    seats = np.array([220, 60, 15])[segment] * (0.3 + setup[:, 3]) * np.exp(0.7 * (2 * setup[:, 4] - 1))
    quantity = 5 + np.floor(seats).astype(np.int64)
    quantity = np.where(stream == 2, 1, quantity)
    cut_price = 70 + np.floor(setup[:, 5] * 31).astype(np.int64)
    term = np.where(setup[:, 6] < 0.72, 12, np.where(setup[:, 6] < 0.82, 24, 36))
    is_evergreen = (setup[:, 7] < 0.06) & ~is_maintenance
    uplift = UPLIFTS[(setup[:, 8] * 4).astype(np.int64)]
    ramps = (setup[:, 9] < 0.25) & (term > 12) & (stream != 2)
    free_months = np.where((setup[:, 10] < 0.05) & (stream == 0), 2, 0)
    has_support = (setup[:, 11] < 0.25) & (stream == 0) & ~is_maintenance
    billing = np.where(setup[:, 12] < 0.70, 12, np.where(setup[:, 12] < 0.85, 3, 1))
    auto_renew = setup[:, 13] < 0.5

    delay = np.where(stream == 0, 0, 2 + np.floor(setup[:, 14] * 16).astype(np.int64))
    month = people.join_month[cust] + delay
    dom = np.where(stream == 0, people.join_dom[cust], 1 + np.floor(setup[:, 15] * 28).astype(np.int64))

    def product_of(rows: Ints) -> Ints:
        product = family[rows] * 3 + tier[rows]
        product = np.where(stream[rows] == 2, service_product[rows], product)
        return np.where(is_maintenance[rows], SERVER_MAINTENANCE, product)

    def fair_price(rows: Ints) -> Ints:
        """Negotiated price per unit and month in hundredths."""
        return whole(
            LIST_PRICE[product_of(rows)] * PRICE_LEVEL[currency[rows]] * cut_price[rows] // 100,
            currency[rows],
        )

    unit = fair_price(rows)
    chain = np.zeros(total, dtype=np.int64)
    version = np.zeros(total, dtype=np.int64)
    term_number = np.zeros(total, dtype=np.int64)
    last_created = np.full(total, NONE)
    sub_month, sub_dom = month.copy(), dom.copy()
    is_new = np.ones(total, dtype=bool)
    is_return = np.zeros(total, dtype=bool)
    is_known_ahead = np.zeros(total, dtype=bool)

    segments, versions, subs = Rows(*SEGMENT_COLUMNS), Rows(*VERSION_COLUMNS), Rows(*SUB_COLUMNS)
    terms, purchases = Rows(*TERM_COLUMNS), Rows(*PURCHASE_COLUMNS)
    links = Rows("sub", "successor", "start", "version")

    def number(rows: Ints) -> Ints:
        return index[rows] * 100 + stream[rows] * 20 + chain[rows]

    def new_version(
        rows: Ints, kind: Ints | int, created: Ints, effective: Ints, start: Ints, end: Ints, length: Ints
    ) -> None:
        """Record the next version of these streams' subscriptions, created in order and by the last day."""
        version[rows] += 1
        last_created[rows] = np.minimum(np.maximum(created, last_created[rows]), as_of)
        versions.add(
            len(rows),
            sub=number(rows),
            version=version[rows],
            kind=kind,
            created=last_created[rows],
            effective=effective,
            term_start=start,
            term_end=end,
            term_months=length,
            customer=cust[rows],
            account=account[rows],
        )

    def emit(
        act: Ints,
        closing: Ints,
        slot: int,
        mask: Flags,
        goods: Ints,
        first: Ints,
        last: Ints,
        plan: Ints,
        count: Ints,
        mrr: Ints,
        at: Ints,
        cut: Ints,
        is_open: Flags,
    ) -> None:
        """Write one stretch of a charge of the masked streams, months counted from the term's start.

        ``closing``: the month with which a recorded end comes (-1 = none); ``at``, ``cut``: the
        versions that made and cut it.
        """
        who = act[mask]
        base = month[who] - sub_month[who]
        to_day = day_of(month[who] + last[mask], dom[who])
        plan_day = np.where(is_evergreen[who], NEVER, day_of(month[who] + plan[mask], dom[who]))
        segments.add(
            len(who),
            sub=number(who),
            customer=cust[who],
            account=account[who],
            currency=currency[who],
            slot=slot,
            product=goods[mask],
            charge=number(who) * 100 + slot * 20 + goods[mask],
            start=day_of(month[who] + first[mask], dom[who]),
            end=np.where(is_open[mask], NEVER, to_day),
            planned_end=plan_day,
            from_month=base + first[mask],
            to_month=base + np.where(is_open[mask], LAST_MONTH + 13 - month[who], last[mask]),
            quantity=count[mask],
            mrr=mrr[mask],
            version=at[mask],
            cut_version=cut[mask],
            is_cancelled=(closing == last)[mask],
            billing=billing[who],
            uplift=uplift[who],
            sub_month=sub_month[who],
            dom=sub_dom[who],
        )

    for step in range(clock.months // 4 + 12):
        start_all = day_of(month, dom)
        alive &= (start_all <= as_of) | is_known_ahead
        act = np.nonzero(alive)[0]
        if not len(act):
            break
        draw = dice.uniform(f"contract {step}", STREAMS, 24).reshape(total, 24)[act]
        late_draw = dice.uniform(f"contract amendments {step}", STREAMS, 70).reshape(total, 70)[act]
        ever = is_evergreen[act]
        chance = people.renewal_probability[cust[act]]
        lifetime = 3 + np.floor(np.log1p(-draw[:, 0]) / np.log(chance) * 12).astype(np.int64)
        length = np.where(ever, np.minimum(lifetime, 600), term[act])
        start, end = start_all[act], day_of(month[act] + length, dom[act])
        leaves = np.where(ever, True, draw[:, 0] > chance ** np.maximum(1.0, 0.7 * length / 12))
        # A few leave in the middle of the term; the others at its end, with a cancellation or by
        # letting it lapse.
        cut_month = 4 + np.floor(draw[:, 1] * (length - 6)).astype(np.int64)
        early = leaves & ~ever & (draw[:, 2] < 0.12) & (day_of(month[act] + cut_month, dom[act]) <= as_of)
        lasts = np.where(early, cut_month, length)
        stop = day_of(month[act] + lasts, dom[act])
        asked = stop - 10 - np.floor(draw[:, 3] * 50).astype(np.int64)
        ended = stop <= as_of
        lapses = leaves & ~early & ~ever & ((draw[:, 4] < 0.4) | (index[act] % 50 == 21))
        cancelled = leaves & ~lapses & (ended | (asked <= as_of)) & (asked >= start)
        cancelled |= leaves & ~lapses & ended
        open_end = ever & ~ended

        begins = day_of(month[act], dom[act])
        created = np.where(is_new[act], begins - 1 - np.floor(draw[:, 5] * 25).astype(np.int64), begins - 10)
        kind = np.where(is_new[act], FIRST, RENEWAL)
        term_end = np.where(ever, NEVER, end)
        new_version(act, kind, created, begins, begins, term_end, length)
        term_version = version[act].copy()

        # Year by year: contracted uplifts and ramps are known from the start, seats added in
        # between are amendments.
        first_mrr = quantity[act] * unit[act]
        years = int(np.max((lasts + 11) // 12)) if len(act) else 0
        years = min(years, clock.months // 12 + 4)
        year_version = term_version.copy()
        for year in range(years):
            begin_month = 12 * year
            live = lasts > begin_month
            live &= ~ever | (day_of(month[act] + begin_month, dom[act]) <= as_of)
            if not live.any():
                break
            extra = late_draw[:, (year * 6) % 60 : (year * 6) % 60 + 6]
            if year:
                raised = whole(half_up(unit[act] * (100 + uplift[act]), 100), currency[act])
                unit[act] = np.where(live, raised, unit[act])
                ramped = np.where(
                    ramps[act] & (term_number[act] == 0), quantity[act] * 13 // 10, quantity[act]
                )
                quantity[act] = np.where(live & ~ever, ramped, quantity[act])
                stepped = live & ever
                who = act[stepped]
                turn = day_of(month[who] + begin_month, dom[who])
                new_version(
                    who,
                    UPDATE,
                    turn - 3,
                    turn,
                    day_of(month[who], dom[who]),
                    np.full(len(who), NEVER),
                    length[stepped],
                )
                year_version = np.where(stepped, version[act], year_version)
            planned = np.minimum(begin_month + 12, length)
            closes = np.minimum(begin_month + 12, lasts)
            month_in = begin_month + 1 + np.floor(extra[:, 0] * 10).astype(np.int64)
            amended = (
                live & (extra[:, 1] < 0.04 + 0.34 * success[act]) & (month_in < closes) & (stream[act] != 2)
            )
            amended &= day_of(month[act] + month_in, dom[act]) <= as_of
            added = 1 + np.floor(quantity[act] * (0.04 + 0.22 * extra[:, 2])).astype(np.int64)
            is_last = live & (closes == lasts)
            after_turn = live & ever & ~is_last & (day_of(month[act] + begin_month + 12, dom[act]) <= as_of)
            runs_on = open_end & ~after_turn
            product = product_of(act)
            everywhere = np.full(len(act), begin_month, dtype=np.int64)
            base_mrr = quantity[act] * unit[act]
            amendment_version = version[act] + 1
            # The first months of some first terms are free.
            free = live & (free_months[act] > 0) & is_new[act] & (year == 0) & ~is_return[act] & (closes > 3)
            opens = np.where(free, everywhere + free_months[act], everywhere)
            amended &= ~free
            closing_cut = np.where(is_last | ~ever, LATEST, version[act] + amended + 1)
            never = np.zeros_like(free)
            closing = np.where(cancelled, lasts, -1)
            held, one = quantity[act], np.ones_like(base_mrr)
            emit(
                act,
                closing,
                0,
                free,
                product,
                everywhere,
                opens,
                opens,
                held,
                base_mrr * 0,
                year_version,
                closing_cut,
                never,
            )
            emit(
                act,
                closing,
                0,
                live & ~amended,
                product,
                opens,
                closes,
                planned,
                held,
                base_mrr,
                year_version,
                closing_cut,
                runs_on,
            )
            emit(
                act,
                closing,
                0,
                amended,
                product,
                opens,
                month_in,
                planned,
                held,
                base_mrr,
                year_version,
                amendment_version,
                never,
            )
            support = live & has_support[act]
            plan = np.full(len(act), PREMIER_SUPPORT)
            fee = whole(half_up(base_mrr * 15, 100), currency[act])
            emit(
                act,
                closing,
                1,
                support,
                plan,
                everywhere,
                closes,
                planned,
                one,
                fee,
                year_version,
                closing_cut,
                runs_on,
            )
            who = act[amended]
            turn = day_of(month[who] + month_in[amended], dom[who])
            new_version(
                who, UPDATE, turn - 3, turn, day_of(month[who], dom[who]), term_end[amended], length[amended]
            )
            quantity[act] = np.where(amended, quantity[act] + added, quantity[act])
            held, now = quantity[act], version[act].copy()
            emit(
                act,
                closing,
                0,
                amended,
                product,
                month_in,
                closes,
                planned,
                held,
                held * unit[act],
                now,
                closing_cut,
                runs_on,
            )

        outcome = np.where(
            cancelled & ended, CANCELLED, np.where(~ended, RUNNING, np.where(lapses, LAPSED, RENEWED))
        )
        how = draw[:, 6]
        renews = ended & ~leaves
        same = renews & (how < 0.84)
        short = renews & (how >= 0.84) & (how < 0.90)
        long = renews & (how >= 0.90) & (how < 0.925)
        swapped = renews & ~same & ~short & ~long
        # Renewals signed before the term is over.
        ahead = ~ended & ~leaves & ~ever & (end - as_of <= 45) & (draw[:, 7] < 0.6) & ~is_known_ahead[act]
        outcome = np.where(short | long, LAPSED, np.where(swapped, REPLACED, outcome))
        outcome = np.where(ahead, RENEWED, outcome)
        cause = np.floor(draw[:, 8] * len(REASONS)).astype(np.int64)
        cause = np.where(draw[:, 9] < people.dissatisfaction[cust[act]], 5, cause)
        cause = np.where((draw[:, 9] > 0.4) & (draw[:, 10] > people.adoption[cust[act]]), 2, cause)
        decided = np.where(cancelled, np.maximum(asked, start), np.where(lapses, stop + 31, stop - 5))
        terms.add(
            len(act),
            sub=number(act),
            customer=cust[act],
            account=account[act],
            currency=currency[act],
            stream=stream[act],
            number=term_number[act],
            start=start,
            end=np.where(open_end, NEVER, stop),
            months=length,
            outcome=outcome,
            decided=decided,
            reason=np.where(leaves, cause, -1),
            product=product_of(act),
            quantity=quantity[act],
            mrr=first_mrr,
            is_first=is_new[act],
            is_return=is_return[act],
            is_evergreen=ever,
        )
        leaving = act[cancelled]
        # At the end of a term either the subscription is cancelled or a notice turns its renewal off.
        notice = cancelled & ~early & ~ever & (draw[:, 17] < 0.35)
        new_version(
            leaving,
            np.where(notice, NOTICE, CANCEL)[cancelled],
            asked[cancelled],
            np.where(notice, asked, stop)[cancelled],
            start[cancelled],
            stop[cancelled],
            length[cancelled],
        )

        over = ~(same | ahead)
        done = act[over]
        subs.add(
            len(done),
            sub=number(done),
            customer=cust[done],
            account=account[done],
            currency=currency[done],
            stream=stream[done],
            start=day_of(sub_month[done], sub_dom[done]),
            is_evergreen=ever[over],
            latest=version[done],
            status=(cancelled & ~notice)[over],
            end=np.where(open_end, NEVER, stop)[over],
            ended_by=outcome[over],
            requested=np.where(cancelled, last_created[act], NONE)[over],
            reason=np.where(cancelled & ~notice, cause, -1)[over],
            auto_renew=(auto_renew[act] & ~leaves & ~short & ~long & ~swapped)[over],
            billing=billing[done],
            uplift=uplift[done],
        )

        # The next term: more or fewer seats, another tier, a higher price.
        eager = success[act]
        grown = 1 + np.floor(quantity[act] * (0.05 + 0.35 * draw[:, 11])).astype(np.int64)
        shrunk = 1 + np.floor(quantity[act] * (0.05 + 0.35 * draw[:, 11])).astype(np.int64)
        wants_more = draw[:, 12] < 0.10 + 0.30 * eager
        wants_less = ~wants_more & (draw[:, 12] > 1 - (0.32 - 0.22 * eager))
        can_count = stream[act] != 2
        seats_next = (
            quantity[act]
            + np.where(wants_more & can_count, grown, 0)
            - np.where(wants_less & can_count, shrunk, 0)
        )
        steps = (draw[:, 13] < 0.07 * eager) & (tier[act] < 2)
        drops = (draw[:, 13] > 0.975) & (tier[act] > 0)
        moves_tier = (steps | drops) & (stream[act] != 2) & ~is_maintenance[act]
        rise = np.where(draw[:, 14] < 0.6, uplift[act], 0)
        goes_on = same | ahead | short | long | swapped
        quantity[act] = np.where(goes_on, np.maximum(1, seats_next), quantity[act])
        tier[act] = np.where(goes_on & moves_tier, tier[act] + steps.astype(np.int64) - drops, tier[act])
        raised = whole(half_up(unit[act] * (100 + rise), 100), currency[act])
        unit[act] = np.where(goes_on, np.where(moves_tier, fair_price(act), raised), unit[act])

        # When and under which subscription it starts.
        comes_back = ended & leaves & ((draw[:, 15] < 0.16) | (index[act] % 30 == 21))
        gap = np.where(short, 3 + np.floor(draw[:, 16] * 24), 40 + np.floor(draw[:, 16] * 50)).astype(
            np.int64
        )
        gap = np.where(comes_back, 50 + np.floor(draw[:, 16] * 160).astype(np.int64), gap)
        gap = np.where(same | ahead | swapped, 0, gap)
        next_month, next_dom = split_day(stop + gap)
        # Some replacements start a month before the old subscription is over; the link ends the old one then.
        hurries = swapped & (draw[:, 18] < 0.3)
        next_month, next_dom = (
            np.where(hurries, month[act] + lasts - 1, next_month),
            np.where(hurries, dom[act], next_dom),
        )
        is_linked = swapped | (short & (draw[:, 18] < 0.6))
        predecessor, last_version = number(act), version[act].copy()
        follows = goes_on | comes_back
        month[act] = np.where(follows, next_month, month[act])
        dom[act] = np.where(follows, next_dom, dom[act])
        fresh = follows & ~same & ~ahead
        renewing = act[fresh]
        chain[renewing] += 1
        is_linked &= fresh & (day_of(month[act], dom[act]) <= as_of) & (chain[act] < CHAINS)
        links.add(
            int(is_linked.sum()),
            sub=predecessor[is_linked],
            successor=number(act[is_linked]),
            start=day_of(month[act], dom[act])[is_linked],
            version=last_version[is_linked],
        )
        version[renewing] = 0
        last_created[renewing] = NONE
        sub_month[renewing], sub_dom[renewing] = month[renewing], dom[renewing]
        is_new[act] = fresh
        is_return[act] = np.where(follows, comes_back, is_return[act])
        term_number[act] += 1
        is_known_ahead[act] = ahead
        alive[act] = follows & (chain[act] < CHAINS)

    subs_frame = subs.frame()
    draw_purchases(people, dice, purchases, subs_frame, clock)
    return Contracts(
        segments.frame(), versions.frame(), subs_frame, terms.frame(), purchases.frame(), links.frame()
    )


def draw_purchases(people: People, dice: Dice, rows: Rows, subs: Frame, clock: Clock) -> None:
    """What is sold once: licences, onboarding, training; on the first subscription or by itself."""
    n, as_of = people.count, clock.as_of
    draw = dice.uniform("purchases", PURCHASES, 4)
    local = np.arange(n, dtype=np.int64)
    owner = np.isin(people.model, (PERPETUAL, LICENCES))
    product = np.where(people.index % 2 == 0, INSIGHT_SERVER, FLOW_SERVER)
    seats = 3 + np.floor(draw[:, 0, 0] * np.array([120, 40, 10])[people.segment]).astype(np.int64)
    month = people.join_month.copy()
    wants = owner.copy()
    account = people.index * 10 + people.account_ordinal(np.zeros(n, dtype=np.int64), local)
    for turn in range(PURCHASES):
        day = day_of(month, people.join_dom)
        buys = wants & (day <= as_of)
        count = np.maximum(1, seats if turn == 0 else seats // 4)
        price = LIST_PRICE[product] * PRICE_LEVEL[people.currency] * (80 + (people.index % 5) * 5) // 100
        rows.add(
            int(buys.sum()),
            sub=(people.index * 100 + 80 + turn)[buys],
            customer=local[buys],
            account=account[buys],
            currency=people.currency[buys],
            product=product[buys],
            quantity=count[buys],
            price=whole(price, people.currency)[buys],
            day=day[buys],
            slot=2,
            own_sub=1,
        )
        again = np.where(people.model == LICENCES, 0.72, 0.45)
        wants &= draw[:, turn, 1] < again
        month = month + 5 + np.floor(draw[:, turn, 2] * 14).astype(np.int64)
    # Onboarding and training beside the first subscription.
    first = (subs["stream"] == 0) & (subs["sub"] % 20 == 0)
    extra = dice.uniform("contract fees", 2)[subs["customer"]]
    for column, slot, goods, share in ((0, 3, ONBOARDING, 0.4), (1, 4, TRAINING, 0.3)):
        has = first & (extra[:, column] < share)
        currency = subs["currency"][has]
        price = whole(LIST_PRICE[goods] * PRICE_LEVEL[currency], currency)
        rows.add(
            int(has.sum()),
            sub=subs["sub"][has],
            customer=subs["customer"][has],
            account=subs["account"][has],
            currency=currency,
            product=goods,
            quantity=1,
            price=price,
            day=subs["start"][has],
            slot=slot,
            own_sub=0,
        )
