"""Customers with signed contracts (Zuora): terms, amendments, ramps, renewals, cancellations and lapses.

A stream is one line of business with a customer: its main subscription, a second product family, a service
contract, a child company's subscription. Subscriptions follow each other within a stream. Zuora states the
recurring revenue of each charge segment itself, net of what was negotiated, and that is the truth here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from postsale.demo.canaries import OWN_WORDS
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
from postsale.demo.clock import LAST_MONTH, NEVER, NONE, Clock, Flags, Floats, Ints, day_of, split_day
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
    OWN_WORDS,
]
# What became of a term.
RUNNING, RENEWED, CANCELLED, LAPSED, REPLACED = range(5)
UPLIFTS = np.array([0, 3, 5, 7], dtype=np.int64)


@dataclass
class Contracts:
    """What happened under contract in one block; see the column lists below."""

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
    streams = _Streams(people, dice, clock)
    for step in range(clock.months // 4 + 12):
        streams.run_term(step)
    subs = streams.subs.frame()
    draw_purchases(people, dice, streams.purchases, subs, clock)
    return Contracts(
        segments=streams.segments.frame(),
        versions=streams.versions.frame(),
        subscriptions=subs,
        terms=streams.terms.frame(),
        purchases=streams.purchases.frame(),
        links=streams.links.frame(),
    )


@dataclass(frozen=True)
class _Stretch:
    """Stretches of charges, one for each stream of a term; months count from the term's start.

    ``version`` and ``cut_version`` are the versions that made and cut them.
    """

    slot: int
    product: Ints
    first: Ints
    last: Ints
    planned_last: Ints
    quantity: Ints
    mrr: Ints
    version: Ints
    cut_version: Ints
    is_open: Flags


class _Streams:
    """All streams of one block with their state, which changes from term to term, and what they did.

    Every array has one entry a stream.
    """

    def __init__(self, people: People, dice: Dice, clock: Clock) -> None:
        self.people, self.dice, self.as_of = people, dice, clock.as_of
        self.most_years = clock.months // 12 + 4
        count = people.count * STREAMS
        rows = np.arange(count, dtype=np.int64)
        self.customer, self.stream = rows // STREAMS, rows % STREAMS
        self.setup = dice.uniform("contract setup", STREAMS, 20).reshape(count, 20)
        self.index = people.index[self.customer]
        self.success = people.success[self.customer]
        self.currency = people.currency[self.customer]
        ordinal = np.where(self.stream == 3, 1, np.where(self.stream == 2, 0, self.stream))
        self.account = self.index * 10 + people.account_ordinal(ordinal, self.customer)
        self._choose_streams()
        self._choose_terms()
        self.unit = self._fair_price(rows)

        self.chain = np.zeros(count, dtype=np.int64)
        self.version = np.zeros(count, dtype=np.int64)
        self.term_number = np.zeros(count, dtype=np.int64)
        self.last_created = np.full(count, NONE)
        self.sub_month, self.sub_dom = self.month.copy(), self.dom.copy()
        self.is_new = np.ones(count, dtype=bool)
        self.is_return = np.zeros(count, dtype=bool)
        self.is_known_ahead = np.zeros(count, dtype=bool)

        self.segments, self.versions = Rows(*SEGMENT_COLUMNS), Rows(*VERSION_COLUMNS)
        self.subs, self.terms = Rows(*SUB_COLUMNS), Rows(*TERM_COLUMNS)
        self.purchases = Rows(*PURCHASE_COLUMNS)
        self.links = Rows("sub", "successor", "start", "version")

    def _choose_streams(self) -> None:
        stream, draw = self.stream, self.setup[:, 0]
        model = self.people.model[self.customer]
        signs, perpetual = np.isin(model, (ZUORA, BOTH)), model == PERPETUAL
        main = (stream == 0) & (signs | (perpetual & (draw < 0.92)))
        second = (stream == 1) & signs & (draw < 0.22)
        service = (stream == 2) & (signs | perpetual) & (draw < 0.25)
        child = (stream == 3) & signs & (self.people.children[self.customer] > 0) & (draw < 0.8)
        self.alive = main | second | service | child
        self.is_maintenance = main & perpetual

    def _choose_terms(self) -> None:
        setup, stream, index = self.setup, self.stream, self.index
        self.family = np.where(stream == 1, (index + 1) % 3, index % 3)
        self.tier = np.minimum((setup[:, 1] * 2.6).astype(np.int64), 2)
        support = np.where(setup[:, 2] < 0.75, STANDARD_SUPPORT, PREMIER_SUPPORT)
        self.service_product = np.where(setup[:, 2] < 0.5, SUCCESS_PLAN, support)
        mean_seats = np.array([220, 60, 15])[self.people.segment[self.customer]]
        seats = mean_seats * (0.3 + setup[:, 3]) * np.exp(0.7 * (2 * setup[:, 4] - 1))
        self.quantity = np.where(stream == 2, 1, 5 + np.floor(seats).astype(np.int64))
        self.cut_price = 70 + np.floor(setup[:, 5] * 31).astype(np.int64)
        self.term = np.where(setup[:, 6] < 0.72, 12, np.where(setup[:, 6] < 0.82, 24, 36))
        self.is_evergreen = (setup[:, 7] < 0.06) & ~self.is_maintenance
        self.uplift = UPLIFTS[(setup[:, 8] * 4).astype(np.int64)]
        self.ramps = (setup[:, 9] < 0.25) & (self.term > 12) & (stream != 2)
        self.free_months = np.where((setup[:, 10] < 0.05) & (stream == 0), 2, 0)
        self.has_support = (setup[:, 11] < 0.25) & (stream == 0) & ~self.is_maintenance
        self.billing = np.where(setup[:, 12] < 0.70, 12, np.where(setup[:, 12] < 0.85, 3, 1))
        self.auto_renew = setup[:, 13] < 0.5
        delay = np.where(stream == 0, 0, 2 + np.floor(setup[:, 14] * 16).astype(np.int64))
        self.month = self.people.join_month[self.customer] + delay
        later_dom = 1 + np.floor(setup[:, 15] * 28).astype(np.int64)
        self.dom = np.where(stream == 0, self.people.join_dom[self.customer], later_dom)

    def run_term(self, step: int) -> None:
        """Run the next term of the streams that are alive, and settle what comes after it."""
        self.alive &= (day_of(self.month, self.dom) <= self.as_of) | self.is_known_ahead
        rows = np.nonzero(self.alive)[0]
        if not len(rows):
            return
        count = len(self.alive)
        draw = self.dice.uniform(f"contract {step}", STREAMS, 24).reshape(count, 24)[rows]
        late_draw = self.dice.uniform(f"contract amendments {step}", STREAMS, 70).reshape(count, 70)[rows]
        term = _Term(self, rows, draw, late_draw)
        self._open_term(term)
        for year in range(min(int(np.max((term.lasts + 11) // 12)), self.most_years)):
            live = (term.lasts > 12 * year) & (~term.ever | (term.day_after(12 * year) <= self.as_of))
            if not live.any():
                break
            if year:
                self._turn_year(term, 12 * year, live)
            self._bill_year(term, year, live)
        self._write_term(term)
        self._cancel(term)
        self._write_ended(term)
        self._change_for_next(term)
        self._move_on(term)

    def _product_of(self, rows: Ints) -> Ints:
        product = self.family[rows] * 3 + self.tier[rows]
        product = np.where(self.stream[rows] == 2, self.service_product[rows], product)
        return np.where(self.is_maintenance[rows], SERVER_MAINTENANCE, product)

    def _fair_price(self, rows: Ints) -> Ints:
        """Negotiated price per unit and month in hundredths."""
        currency = self.currency[rows]
        list_price = LIST_PRICE[self._product_of(rows)] * PRICE_LEVEL[currency]
        return whole(list_price * self.cut_price[rows] // 100, currency)

    def _number(self, rows: Ints) -> Ints:
        """Numbers of the subscriptions of these streams."""
        return self.index[rows] * 100 + self.stream[rows] * 20 + self.chain[rows]

    def _new_version(
        self,
        rows: Ints,
        kind: Ints | int,
        created: Ints,
        effective: Ints,
        start: Ints,
        end: Ints,
        length: Ints,
    ) -> None:
        """Record the next version of these streams' subscriptions, created in order and by the last day."""
        self.version[rows] += 1
        self.last_created[rows] = np.minimum(np.maximum(created, self.last_created[rows]), self.as_of)
        self.versions.add(
            len(rows),
            sub=self._number(rows),
            version=self.version[rows],
            kind=kind,
            created=self.last_created[rows],
            effective=effective,
            term_start=start,
            term_end=end,
            term_months=length,
            customer=self.customer[rows],
            account=self.account[rows],
        )

    def _open_term(self, term: _Term) -> None:
        rows, start, is_new = term.rows, term.start, self.is_new[term.rows]
        signed = start - 1 - np.floor(term.draw[:, 5] * 25).astype(np.int64)
        created = np.where(is_new, signed, start - 10)
        kind = np.where(is_new, FIRST, RENEWAL)
        self._new_version(rows, kind, created, start, start, term.planned_end, term.length)
        term.version = self.version[rows].copy()
        term.first_mrr = self.quantity[rows] * self.unit[rows]

    def _turn_year(self, term: _Term, month: int, live: Flags) -> None:
        """Contracted uplifts and ramps, known from the start; evergreen ones come as amendments."""
        rows = term.rows
        uplifted = half_up(self.unit[rows] * (100 + self.uplift[rows]), 100)
        self.unit[rows] = np.where(live, whole(uplifted, self.currency[rows]), self.unit[rows])
        ramps = live & ~term.ever & self.ramps[rows] & (self.term_number[rows] == 0)
        self.quantity[rows] = np.where(ramps, self.quantity[rows] * 13 // 10, self.quantity[rows])
        stepped = live & term.ever
        turn, never = term.day_after(month)[stepped], np.full(int(stepped.sum()), NEVER)
        self._new_version(
            rows[stepped], UPDATE, turn - 3, turn, term.start[stepped], never, term.length[stepped]
        )
        term.version = np.where(stepped, self.version[rows], term.version)

    def _bill_year(self, term: _Term, year: int, live: Flags) -> None:
        """Write a year's charges; the first months of some are free, and seats may be added in between."""
        rows, ever, lasts, begin = term.rows, term.ever, term.lasts, 12 * year
        product, quantity, unit = self._product_of(rows), self.quantity[rows], self.unit[rows]
        closes = np.minimum(begin + 12, lasts)
        begins = np.full(len(rows), begin, dtype=np.int64)
        free = live & (self.free_months[rows] > 0) & self.is_new[rows] & ~self.is_return[rows]
        free &= (year == 0) & (closes > 3)
        opens = np.where(free, begins + self.free_months[rows], begins)

        draw = term.late_draw[:, (year * 6) % 60 : (year * 6) % 60 + 6]
        month_in = begin + 1 + np.floor(draw[:, 0] * 10).astype(np.int64)
        amended = live & ~free & (draw[:, 1] < 0.04 + 0.34 * self.success[rows]) & (month_in < closes)
        amended &= (self.stream[rows] != 2) & (term.day_after(month_in) <= self.as_of)

        is_last = live & (closes == lasts)
        turns = live & ever & ~is_last & (term.day_after(begin + 12) <= self.as_of)
        never = np.zeros_like(free)
        base = _Stretch(
            slot=0,
            product=product,
            first=opens,
            last=closes,
            planned_last=np.minimum(begin + 12, term.length),
            quantity=quantity,
            mrr=quantity * unit,
            version=term.version,
            cut_version=np.where(is_last | ~ever, LATEST, self.version[rows] + amended + 1),
            is_open=term.is_open & ~turns,
        )
        self._add_stretch(
            term,
            free,
            replace(base, first=begins, last=opens, planned_last=opens, mrr=base.mrr * 0, is_open=never),
        )
        self._add_stretch(term, live & ~amended, base)
        next_version = self.version[rows] + 1
        self._add_stretch(
            term, amended, replace(base, last=month_in, cut_version=next_version, is_open=never)
        )
        support = replace(
            base,
            slot=1,
            product=np.full(len(rows), PREMIER_SUPPORT),
            first=begins,
            quantity=np.ones_like(quantity),
            mrr=whole(half_up(base.mrr * 15, 100), self.currency[rows]),
        )
        self._add_stretch(term, live & self.has_support[rows], support)
        self._amend(term, amended, month_in)
        added = 1 + np.floor(quantity * (0.04 + 0.22 * draw[:, 2])).astype(np.int64)
        more = np.where(amended, quantity + added, quantity)
        self.quantity[rows] = more
        version = self.version[rows]
        self._add_stretch(
            term, amended, replace(base, first=month_in, quantity=more, mrr=more * unit, version=version)
        )

    def _amend(self, term: _Term, amended: Flags, month: Ints) -> None:
        turn = term.day_after(month)[amended]
        self._new_version(
            term.rows[amended],
            UPDATE,
            turn - 3,
            turn,
            term.start[amended],
            term.planned_end[amended],
            term.length[amended],
        )

    def _add_stretch(self, term: _Term, mask: Flags, stretch: _Stretch) -> None:
        """Write the stretches of the masked streams as charge segments."""
        rows = term.rows[mask]
        month, dom = self.month[rows], self.dom[rows]
        product, first, last = stretch.product[mask], stretch.first[mask], stretch.last[mask]
        planned_end = day_of(month + stretch.planned_last[mask], dom)
        is_open = stretch.is_open[mask]
        base = month - self.sub_month[rows]
        self.segments.add(
            len(rows),
            sub=self._number(rows),
            customer=self.customer[rows],
            account=self.account[rows],
            currency=self.currency[rows],
            slot=stretch.slot,
            product=product,
            charge=self._number(rows) * 100 + stretch.slot * 20 + product,
            start=day_of(month + first, dom),
            end=np.where(is_open, NEVER, day_of(month + last, dom)),
            planned_end=np.where(self.is_evergreen[rows], NEVER, planned_end),
            from_month=base + first,
            to_month=base + np.where(is_open, LAST_MONTH + 13 - month, last),
            quantity=stretch.quantity[mask],
            mrr=stretch.mrr[mask],
            version=stretch.version[mask],
            cut_version=stretch.cut_version[mask],
            is_cancelled=(term.cancelled & (term.lasts == stretch.last))[mask],
            billing=self.billing[rows],
            uplift=self.uplift[rows],
            sub_month=self.sub_month[rows],
            dom=self.sub_dom[rows],
        )

    def _write_term(self, term: _Term) -> None:
        rows, stop = term.rows, term.stop
        settled = np.where(term.lapses, stop + 31, stop - 5)
        self.terms.add(
            len(rows),
            sub=self._number(rows),
            customer=self.customer[rows],
            account=self.account[rows],
            currency=self.currency[rows],
            stream=self.stream[rows],
            number=self.term_number[rows],
            start=term.start,
            end=np.where(term.is_open, NEVER, stop),
            months=term.length,
            outcome=term.outcome,
            decided=np.where(term.cancelled, np.maximum(term.asked, term.start), settled),
            reason=np.where(term.leaves, term.cause, -1),
            product=self._product_of(rows),
            quantity=self.quantity[rows],
            mrr=term.first_mrr,
            is_first=self.is_new[rows],
            is_return=self.is_return[rows],
            is_evergreen=term.ever,
        )

    def _cancel(self, term: _Term) -> None:
        """Record cancellations, and the notices that turn a renewal off."""
        gone = term.cancelled
        self._new_version(
            term.rows[gone],
            np.where(term.notice, NOTICE, CANCEL)[gone],
            term.asked[gone],
            np.where(term.notice, term.asked, term.stop)[gone],
            term.start[gone],
            term.stop[gone],
            term.length[gone],
        )

    def _write_ended(self, term: _Term) -> None:
        """Write the subscriptions of which this was the last term, or is so far."""
        over = ~(term.same | term.ahead)
        rows = term.rows[over]
        is_cancelled = term.cancelled & ~term.notice
        is_replaced = term.short | term.long | term.swapped
        requested = np.where(term.cancelled, self.last_created[term.rows], NONE)
        self.subs.add(
            len(rows),
            sub=self._number(rows),
            customer=self.customer[rows],
            account=self.account[rows],
            currency=self.currency[rows],
            stream=self.stream[rows],
            start=day_of(self.sub_month[rows], self.sub_dom[rows]),
            is_evergreen=term.ever[over],
            latest=self.version[rows],
            status=is_cancelled[over],
            end=np.where(term.is_open, NEVER, term.stop)[over],
            ended_by=term.outcome[over],
            requested=requested[over],
            reason=np.where(is_cancelled, term.cause, -1)[over],
            auto_renew=(self.auto_renew[term.rows] & ~term.leaves & ~is_replaced)[over],
            billing=self.billing[rows],
            uplift=self.uplift[rows],
        )

    def _change_for_next(self, term: _Term) -> None:
        """The next term: more or fewer seats, another tier, a higher price."""
        rows, draw, goes_on = term.rows, term.draw, term.goes_on
        eager, is_counted = self.success[rows], self.stream[rows] != 2
        quantity, tier, unit = self.quantity[rows], self.tier[rows], self.unit[rows]
        moved = 1 + np.floor(quantity * (0.05 + 0.35 * draw[:, 11])).astype(np.int64)
        wants_more = draw[:, 12] < 0.10 + 0.30 * eager
        wants_less = ~wants_more & (draw[:, 12] > 1 - (0.32 - 0.22 * eager))
        next_quantity = quantity + np.where(is_counted & wants_more, moved, 0)
        next_quantity -= np.where(is_counted & wants_less, moved, 0)
        self.quantity[rows] = np.where(goes_on, np.maximum(1, next_quantity), quantity)

        rises = (draw[:, 13] < 0.07 * eager) & (tier < 2)
        drops = (draw[:, 13] > 0.975) & (tier > 0)
        moves_tier = (rises | drops) & is_counted & ~self.is_maintenance[rows]
        self.tier[rows] = np.where(goes_on & moves_tier, tier + rises.astype(np.int64) - drops, tier)
        rise = np.where(draw[:, 14] < 0.6, self.uplift[rows], 0)
        raised = whole(half_up(unit * (100 + rise), 100), self.currency[rows])
        next_unit = np.where(moves_tier, self._fair_price(rows), raised)
        self.unit[rows] = np.where(goes_on, next_unit, unit)

    def _move_on(self, term: _Term) -> None:
        """When and under which subscription the next term starts."""
        rows, draw = term.rows, term.draw
        is_returning = (draw[:, 15] < 0.16) | (self.index[rows] % 30 == 21)
        comes_back = term.ended & term.leaves & is_returning
        follows = term.goes_on | comes_back
        gap = np.where(term.short, 3 + np.floor(draw[:, 16] * 24), 40 + np.floor(draw[:, 16] * 50))
        gap = np.where(comes_back, 50 + np.floor(draw[:, 16] * 160), gap).astype(np.int64)
        gap = np.where(term.same | term.ahead | term.swapped, 0, gap)
        month, dom = split_day(term.stop + gap)
        # Some replacements start a month before the old subscription is over; the link ends the old one then.
        hurries = term.swapped & (draw[:, 18] < 0.3)
        month = np.where(hurries, self.month[rows] + term.lasts - 1, month)
        dom = np.where(hurries, self.dom[rows], dom)
        self.month[rows] = np.where(follows, month, self.month[rows])
        self.dom[rows] = np.where(follows, dom, self.dom[rows])

        fresh = follows & ~term.same & ~term.ahead
        renewing = rows[fresh]
        predecessor, last_version = self._number(rows), self.version[rows]
        self.chain[renewing] += 1
        start = day_of(self.month[rows], self.dom[rows])
        is_linked = fresh & (term.swapped | (term.short & (draw[:, 18] < 0.6)))
        is_linked &= (start <= self.as_of) & (self.chain[rows] < CHAINS)
        self.links.add(
            int(is_linked.sum()),
            sub=predecessor[is_linked],
            successor=self._number(rows[is_linked]),
            start=start[is_linked],
            version=last_version[is_linked],
        )
        self.version[renewing] = 0
        self.last_created[renewing] = NONE
        self.sub_month[renewing], self.sub_dom[renewing] = self.month[renewing], self.dom[renewing]
        self.is_new[rows] = fresh
        self.is_return[rows] = np.where(follows, comes_back, self.is_return[rows])
        self.term_number[rows] += 1
        self.is_known_ahead[rows] = term.ahead
        self.alive[rows] = follows & (self.chain[rows] < CHAINS)


class _Term:
    """What one term brings to the streams ``rows``; every array has one entry for each of them."""

    version: Ints
    """The version that made the charges of the current year."""
    first_mrr: Ints

    def __init__(self, streams: _Streams, rows: Ints, draw: Floats, late_draw: Floats) -> None:
        self.rows, self.draw, self.late_draw = rows, draw, late_draw
        self._month, self._dom = streams.month[rows], streams.dom[rows]
        self.start = self.day_after(0)
        self.ever = streams.is_evergreen[rows]
        self._decide_leaving(streams)
        self._decide_renewal(streams)

    def day_after(self, months: Ints | int) -> Ints:
        """The day so many months after the start of the term."""
        return day_of(self._month + months, self._dom)

    def _decide_leaving(self, streams: _Streams) -> None:
        rows, draw, ever, as_of = self.rows, self.draw, self.ever, streams.as_of
        chance = streams.people.renewal_probability[streams.customer[rows]]
        lifetime = 3 + np.floor(np.log1p(-draw[:, 0]) / np.log(chance) * 12).astype(np.int64)
        self.length = np.where(ever, np.minimum(lifetime, 600), streams.term[rows])
        self.end = self.day_after(self.length)
        self.planned_end = np.where(ever, NEVER, self.end)
        self.leaves = np.where(ever, True, draw[:, 0] > chance ** np.maximum(1.0, 0.7 * self.length / 12))
        # A few leave in the middle of the term; the others at its end, with a cancellation or by
        # letting it lapse.
        cut_month = 4 + np.floor(draw[:, 1] * (self.length - 6)).astype(np.int64)
        early = self.leaves & ~ever & (draw[:, 2] < 0.12) & (self.day_after(cut_month) <= as_of)
        self.lasts = np.where(early, cut_month, self.length)
        self.stop = self.day_after(self.lasts)
        self.asked = self.stop - 10 - np.floor(draw[:, 3] * 50).astype(np.int64)
        self.ended = self.stop <= as_of
        self.is_open = ever & ~self.ended
        self.lapses = self.leaves & ~early & ~ever & ((draw[:, 4] < 0.4) | (streams.index[rows] % 50 == 21))
        is_asked = (self.asked <= as_of) & (self.asked >= self.start)
        self.cancelled = self.leaves & ~self.lapses & (self.ended | is_asked)
        # At the end of a term either the subscription is cancelled or a notice turns its renewal off.
        self.notice = self.cancelled & ~early & ~ever & (draw[:, 17] < 0.35)

    def _decide_renewal(self, streams: _Streams) -> None:
        """How it is renewed, what becomes of the term and why."""
        draw, customer, how = self.draw, streams.customer[self.rows], self.draw[:, 6]
        renews = self.ended & ~self.leaves
        self.same = renews & (how < 0.84)
        self.short = renews & (how >= 0.84) & (how < 0.90)
        self.long = renews & (how >= 0.90) & (how < 0.925)
        self.swapped = renews & ~self.same & ~self.short & ~self.long
        # Renewals signed before the term is over.
        self.ahead = ~self.ended & ~self.leaves & ~self.ever & (self.end - streams.as_of <= 45)
        self.ahead &= (draw[:, 7] < 0.6) & ~streams.is_known_ahead[self.rows]
        self.goes_on = renews | self.ahead

        over = np.where(self.lapses | self.short | self.long, LAPSED, RENEWED)
        over = np.where(self.cancelled, CANCELLED, np.where(self.swapped, REPLACED, over))
        self.outcome = np.where(self.ended, over, np.where(self.ahead, RENEWED, RUNNING))
        cause = np.floor(draw[:, 8] * len(REASONS)).astype(np.int64)
        cause = np.where(draw[:, 9] < streams.people.dissatisfaction[customer], 5, cause)
        unused = (draw[:, 9] > 0.4) & (draw[:, 10] > streams.people.adoption[customer])
        self.cause = np.where(unused, 2, cause)


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
