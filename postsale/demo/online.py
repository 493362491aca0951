"""Customers billed online (Stripe): what happens to their subscriptions, period by period.

The truth of a line follows what the exports can say: a billing period counts at the quantity billed for it; a
change in the middle of a period counts from the next one (its proration lines are no recurring revenue); the
open period counts at today's quantity from its start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.catalog import JPY, METERED, PREMIER_SUPPORT, PRICE_RISES, STANDARD_SUPPORT, online_price
from postsale.demo.clock import NEVER, NONE, Clock, Floats, Ints, day_of, split_day
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
    """What happened online in one block; see the column lists below."""

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


PRORATION_COLUMNS = (
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


def run_online(people: People, dice: Dice, clock: Clock) -> Online:
    """Simulate one block's online subscriptions up to the last day of ``clock``."""
    streams = _Streams(people, dice, clock)
    streams.run_trials()
    for step in range(clock.months + 2):
        if not streams.alive.any():
            break
        streams.run_period(step)
    lines, subs = streams.lines.frame(), streams.subs.frame()
    return Online(
        lines=lines,
        planned=streams.planned.frame(),
        subscriptions=subs,
        pauses=streams.pauses.frame(),
        prorations=streams.prorations.frame(),
        discounts=draw_discounts(people, dice, subs, clock),
        usage=draw_metered(people, lines, clock.as_of),
        fees=draw_fees(people, dice, subs),
    )


class _Streams:
    """All streams of one block with their state, which changes from period to period, and what they did.

    Every array has one entry a stream.
    """

    def __init__(self, people: People, dice: Dice, clock: Clock) -> None:
        self.people, self.dice, self.as_of = people, dice, clock.as_of
        count = people.count * STREAMS
        rows = np.arange(count, dtype=np.int64)
        self.customer, self.stream = rows // STREAMS, rows % STREAMS
        self.setup = dice.uniform("online setup", STREAMS, 12).reshape(count, 12)
        self.index = people.index[self.customer]
        self.success = people.success[self.customer]
        self.currency = people.currency[self.customer]
        self.account = self.index * 10 + people.account_ordinal(self.stream, self.customer)
        self._choose_terms()
        self._choose_second_item()

        model = people.model[self.customer]
        primary = (self.stream == 0) & np.isin(model, (STRIPE, BOTH))
        extra = (self.stream == 1) & (model == STRIPE) & (self.setup[:, 0] < 0.22)
        self.is_trial_only = (self.stream == 0) & (model == PROSPECT)
        self.alive = primary | extra | self.is_trial_only
        self.chain = np.zeros(count, dtype=np.int64)
        self.period = np.zeros(count, dtype=np.int64)
        self.has_paused = np.zeros(count, dtype=bool)

        self.lines, self.planned = Rows(*LINE_COLUMNS), Rows(*LINE_COLUMNS)
        self.subs = Rows(*SUB_COLUMNS)
        self.pauses = Rows("sub", "start", "end", "behavior", "is_end_known")
        self.prorations = Rows(*PRORATION_COLUMNS)

    def _choose_terms(self) -> None:
        setup, stream, customer = self.setup, self.stream, self.customer
        delay = np.where(stream == 1, 3 + (setup[:, 1] * 15).astype(np.int64), 0)
        is_late = (self.people.model[customer] == BOTH) & (stream == 0)
        delay = np.where(is_late, (setup[:, 1] * 8).astype(np.int64), delay)
        self.month = self.people.join_month[customer] + delay
        later_dom = 1 + (setup[:, 2] * 28).astype(np.int64)
        self.dom = np.where(stream == 0, self.people.join_dom[customer], later_dom)
        self.family = (self.index + stream) % 3
        self.tier = np.minimum((setup[:, 3] * 2.4).astype(np.int64), 2)
        self.interval = np.where(setup[:, 4] < 0.66, 1, np.where(setup[:, 4] < 0.72, 3, 12))
        mean_seats = np.array([60, 25, 7])[self.people.segment[customer]]
        seats = mean_seats * np.exp(0.6 * (2 * setup[:, 5] - 1)) * (0.3 + setup[:, 6])
        self.quantity = 1 + np.floor(seats).astype(np.int64)
        self.version = _newest_version(self.month)
        self.trial_days = np.where((setup[:, 7] < 0.4) & (stream == 0), 14, 0)
        self.sub_start = day_of(self.month, self.dom)
        self.trial_start = np.where(self.trial_days > 0, self.sub_start - self.trial_days, NONE)

    def _choose_second_item(self) -> None:
        """The second item joins a number of periods into the subscription and may leave again."""
        setup = self.setup
        joins = (setup[:, 9] * 10).astype(np.int64) // np.maximum(self.interval // 3, 1)
        self.second_from = np.where(setup[:, 8] < 0.35, joins, NEVER)
        leaves = self.second_from + 2 + (setup[:, 11] * 9).astype(np.int64)
        self.second_to = np.where(setup[:, 10] < 0.25, leaves, NEVER)
        is_support = (self.index + self.stream) % 2 == 0
        segment = self.people.segment[self.customer]
        support = np.where(segment == 2, STANDARD_SUPPORT, PREMIER_SUPPORT)
        self.second_product = np.where(is_support, support, (self.family + 1) % 3 * 3)
        self.second_quantity = np.where(is_support, 1, np.maximum(1, self.quantity // 2))

    def run_trials(self) -> None:
        """Write the subscriptions that never got beyond a trial by the last day."""
        as_of = self.as_of
        # Trials that never became customers, and trials still running on the last day.
        late = as_of - 3 - (self.setup[:, 1] * 9).astype(np.int64)
        begun = np.where(self.setup[:, 2] < 0.3, late, np.minimum(self.sub_start, as_of - 1))
        lost = np.nonzero(self.is_trial_only)[0]
        running = begun[lost] + 14 > as_of
        self.trial_start[lost] = begun[lost]
        self.sub_start[lost] = begun[lost] + 14
        self._finish(
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
        self.alive &= ~self.is_trial_only

        # A trial that will turn into a subscription after the last day.
        self.alive &= self.sub_start - self.trial_days <= as_of
        waiting = np.nonzero(self.alive & (self.sub_start > as_of) & (self.trial_days > 0))[0]
        self._finish(
            waiting,
            start=self.trial_start[waiting],
            status=TRIALING,
            period_start=self.trial_start[waiting],
            period_end=self.sub_start[waiting],
            second_product=-1,
        )
        self.alive &= self.sub_start <= as_of

    def run_period(self, step: int) -> None:
        """Bill the next period of the streams that are alive, and carry out what happens in it."""
        rows = np.nonzero(self.alive)[0]
        draw = self.dice.uniform(f"online {step}", STREAMS, 16).reshape(len(self.alive), 16)[rows]
        period = _Period(self, rows, draw)
        self.has_paused[rows] |= period.pause_length > 0
        shared = self._write_lines(period)
        self._write_planned(period, shared)
        self._write_prorations(period)
        reason = self._write_ended(period)
        self._write_open(period, reason)
        self._write_paused(period, shared)
        self._go_on(period)
        self._come_back(period)

    def number(self, rows: Ints) -> Ints:
        """Numbers of the subscriptions of these streams."""
        return self.index[rows] * 100 + self.stream[rows] * 40 + self.chain[rows]

    def _finish(self, rows: Ints, **columns: Ints | int) -> None:
        """Write the final state of the subscriptions of these streams."""
        in_second = (self.period[rows] >= self.second_from[rows]) & (self.period[rows] < self.second_to[rows])
        base: dict[str, Ints | int] = {
            "sub": self.number(rows),
            "customer": self.customer[rows],
            "account": self.account[rows],
            "currency": self.currency[rows],
            "stream": self.stream[rows],
            "chain": self.chain[rows],
            "start": self.sub_start[rows],
            "interval": self.interval[rows],
            "trial_start": self.trial_start[rows],
            "status": ACTIVE,
            "ended": NEVER,
            "cancel_requested": NONE,
            "cancel_at": NONE,
            "past_due_from": NONE,
            "reason": -1,
            "product": self.family[rows] * 3 + self.tier[rows],
            "version": self.version[rows],
            "quantity": self.quantity[rows],
            "second_product": np.where(in_second, self.second_product[rows], -1),
            "second_version": self.version[rows],
            "second_quantity": self.second_quantity[rows],
            "was_single": (self.second_from[rows] >= NEVER).astype(np.int64),
        }
        self.subs.add(len(rows), **{**base, **columns})

    def _write_lines(self, period: _Period) -> Frame:
        """Write the lines of both items; returns the columns that all lines of the period share."""
        rows = period.rows
        unpaid_now = period.past_due | (period.dunning & period.leaves_now)
        shared = {
            "sub": self.number(rows),
            "customer": self.customer[rows],
            "account": self.account[rows],
            "currency": self.currency[rows],
            "version": self.version[rows],
            "interval": period.every,
            "start": period.start,
            "end": period.end,
            "until": period.until,
            "counts": (~period.unpaid).astype(np.int64),
            "invoice_status": np.where(period.unpaid, DRAFT, np.where(unpaid_now, OPEN, PAID)),
            "period": self.period[rows],
            "is_cancelled": period.leaves_now.astype(np.int64),
        }
        self.lines.add(
            len(rows),
            slot=0,
            product=period.product,
            quantity=period.seats,
            true_quantity=period.true_seats,
            price=period.price,
            **shared,
        )
        # An item taken off a subscription that goes on is a recorded loss, no lapse.
        is_taken_off = period.goes_on & (period.next_period >= self.second_to[rows])
        is_cancelled = (period.leaves_now | is_taken_off).astype(np.int64)
        in_second = take({**shared, "is_cancelled": is_cancelled}, period.has_second)
        self._add_item(self.lines, rows[period.has_second], in_second)
        return shared

    def _add_item(self, lines: Rows, rows: Ints, shared: Frame) -> None:
        """Write lines of the second item of these streams."""
        product, quantity = self.second_product[rows], self.second_quantity[rows]
        price = online_price(product, self.currency[rows], self.interval[rows], self.version[rows])
        lines.add(
            len(rows),
            slot=1,
            product=product,
            quantity=quantity,
            true_quantity=quantity,
            price=price,
            **shared,
        )

    def _write_planned(self, period: _Period, shared: Frame) -> None:
        """Write the next line of a paused subscription that is to resume on a known day after the last."""
        rows = period.rows
        again = {
            **shared,
            "start": period.resumes,
            "until": np.full(len(rows), NEVER),
            "is_cancelled": np.zeros(len(rows), dtype=np.int64),
        }
        first = period.is_still_paused & (self.index[rows] % 2 == 1)
        self.planned.add(
            int(first.sum()),
            slot=0,
            product=period.product[first],
            quantity=period.seats[first],
            true_quantity=period.seats[first],
            price=period.price[first],
            **take(again, first),
        )
        second = first & period.has_second & (period.next_period < self.second_to[rows])
        self._add_item(self.planned, rows[second], take(again, second))

    def _write_prorations(self, period: _Period) -> None:
        prorated = period.is_prorated
        rows = period.rows[prorated]
        self.prorations.add(
            len(rows),
            sub=self.number(rows),
            slot=0,
            product=period.product[prorated],
            version=self.version[rows],
            currency=self.currency[rows],
            day=period.change_day[prorated],
            start=period.start[prorated],
            end=period.end[prorated],
            old=period.seats[prorated],
            new=period.next_seats[prorated],
            price=period.price[prorated] * period.every[prorated],
            customer=self.customer[rows],
            account=self.account[rows],
            period=self.period[rows],
        )

    def _write_ended(self, period: _Period) -> Ints:
        """Write the subscriptions that end now; returns why each stream leaves, would it leave."""
        draw, gone = period.draw, period.leaves_now
        reason = np.floor(draw[:, 10] * NON_PAYMENT).astype(np.int64)
        unused = draw[:, 11] < 1 - self.people.adoption[self.customer[period.rows]]
        reason = np.where(unused, 3, reason)
        reason = np.where(period.dunning, NON_PAYMENT, reason)
        days_before = 2 + np.floor(draw[:, 12] * 20).astype(np.int64)
        asked = np.where(period.at_once, period.cut, np.maximum(period.start, period.end - days_before))
        failed = period.dunning & (period.start + 3 < period.until)
        self._finish(
            period.rows[gone],
            status=CANCELED,
            ended=period.until[gone],
            period_start=period.start[gone],
            period_end=period.end[gone],
            cancel_requested=np.where(period.dunning, period.end, asked)[gone],
            reason=reason[gone],
            past_due_from=np.where(failed, period.start + 3, NONE)[gone],
        )
        return reason

    def _write_open(self, period: _Period, reason: Ints) -> None:
        """Write the subscriptions whose period is still open: they end here for now."""
        draw, start, rows = period.draw, period.start, period.rows
        here = period.is_current & ~period.leaves_now
        ends_later = here & period.leaves & (draw[:, 13] < 0.6) & ~period.unpaid & ~period.past_due
        request = start + np.floor(draw[:, 12] * (self.as_of - start)).astype(np.int64)
        self.quantity[rows] = np.where(here, period.true_seats, self.quantity[rows])
        self._finish(
            rows[here],
            status=np.where(period.unpaid, UNPAID, np.where(period.past_due, PAST_DUE, ACTIVE))[here],
            period_start=start[here],
            period_end=period.end[here],
            cancel_requested=np.where(ends_later, request, NONE)[here],
            cancel_at=np.where(ends_later, period.end, NONE)[here],
            past_due_from=np.where(period.past_due, start + 2, NONE)[here],
            reason=np.where(ends_later, reason, -1)[here],
        )
        self.alive[rows[here]] = False

    def _write_paused(self, period: _Period, shared: Frame) -> None:
        """Write pauses with their empty invoices; a pause that outlasts the last day ends the stream here."""
        rows, still = period.rows, period.is_still_paused
        behavior = self.index[rows] // 2 % 2
        for skipped in range(4):
            void = {
                **shared,
                "start": period.day_after(1 + skipped),
                "end": period.day_after(2 + skipped),
                "until": period.day_after(2 + skipped),
                "counts": np.zeros(len(rows), dtype=np.int64),
                "invoice_status": np.where(behavior == 0, VOID, DRAFT),
                "period": self.period[rows] + 1 + skipped,
                "slot": np.zeros(len(rows), dtype=np.int64),
                "product": period.product,
                "quantity": period.seats,
                "true_quantity": period.seats,
                "price": period.price,
            }
            known = period.goes_on & (period.pause_length > skipped) & (void["start"] <= self.as_of)
            self.lines.add(int(known.sum()), **take(void, known))
        is_paused = period.pause_length > 0
        self.pauses.add(
            int(is_paused.sum()),
            sub=self.number(rows)[is_paused],
            start=period.end[is_paused],
            end=period.resumes[is_paused],
            behavior=behavior[is_paused],
            is_end_known=(~still | (self.index[rows] % 2 == 1))[is_paused],
        )
        self.period[rows[still]] = period.next_period[still]
        self._finish(
            rows[still],
            status=PAUSED,
            period_start=period.day_after(period.turned + 1)[still],
            period_end=period.day_after(period.turned + 2)[still],
        )
        self.alive[rows[still]] = False

    def _go_on(self, period: _Period) -> None:
        """Move the streams that go on to their next period, with new seats, tier and price version."""
        goes_on = period.goes_on
        on, every, length = period.rows[goes_on], period.every[goes_on], period.pause_length[goes_on]
        self.quantity[on] = period.next_seats[goes_on]
        self.tier[on] = period.next_tier[goes_on]
        self.month[on] += every + length
        self.period[on] += 1 + length
        accepts = period.draw[goes_on, 13] < 0.3 * every**0.5
        accepts &= _newest_version(self.month[on]) > self.version[on]
        self.version[on] = np.where(accepts, self.version[on] + 1, self.version[on])

    def _come_back(self, period: _Period) -> None:
        """Start the next subscription of leavers who come back, soon or late; the others are gone."""
        draw, rows = period.draw, period.rows
        returns = period.leaves_now & (draw[:, 4] < 0.24) & (self.chain[rows] < CHAINS - 1)
        soon, late = 3 + np.floor(draw[:, 8] * 25), 45 + np.floor(draw[:, 8] * 110)
        gap = np.where(draw[:, 9] < 0.35, soon, late).astype(np.int64)
        back = rows[returns]
        self.month[back], self.dom[back] = split_day((period.until + gap)[returns])
        self.chain[back] += 1
        self.period[back] = 0
        self.trial_start[back] = NONE
        self.sub_start[back] = day_of(self.month[back], self.dom[back])
        self.quantity[back] = np.maximum(1, (self.quantity[back] * 4) // 5)
        self.version[back] = _newest_version(self.month[back])
        self.alive[rows[period.leaves_now & ~returns]] = False
        self.alive[back] = self.sub_start[back] <= self.as_of


class _Period:
    """What one billing period brings to the streams ``rows``; every array has one entry for each of them."""

    def __init__(self, streams: _Streams, rows: Ints, draw: Floats) -> None:
        self.rows, self.draw, self.as_of = rows, draw, streams.as_of
        self.every = streams.interval[rows]
        self._month, self._dom = streams.month[rows], streams.dom[rows]
        self.start, self.end = self.day_after(0), self.day_after(self.every)
        self.is_current = self.end > self.as_of
        self._decide_leaving(streams)
        self._decide_changes(streams)
        self.goes_on = ~self.is_current & ~self.leaves_now
        self._decide_pauses(streams)

        number = streams.period[rows]
        self.next_period = number + 1 + np.where(self.is_still_paused, self.turned, self.pause_length)
        self.has_second = (number >= streams.second_from[rows]) & (number < streams.second_to[rows])
        self.product = streams.family[rows] * 3 + streams.tier[rows]
        self.price = online_price(self.product, streams.currency[rows], self.every, streams.version[rows])

    def day_after(self, months: Ints | int) -> Ints:
        """The billing day so many months after the start of the period."""
        return day_of(self._month + months, self._dom)

    def _decide_leaving(self, streams: _Streams) -> None:
        draw, start, end = self.draw, self.start, self.end
        renew = streams.people.renewal_probability[streams.customer[self.rows]] ** (self.every / 12 * 1.18)
        self.leaves = draw[:, 0] > renew
        seasoned = streams.period[self.rows] > 0
        # One leaver in four goes at once; the others stop at the end of the paid period.
        self.cut = start + 9 + np.floor(draw[:, 1] * np.maximum(end - start - 12, 1)).astype(np.int64)
        self.at_once = self.leaves & (draw[:, 2] < 0.25) & seasoned
        self.at_once &= (self.cut < end) & (self.cut <= self.as_of)
        self.dunning = self.leaves & ~self.at_once & (draw[:, 3] < 0.15)
        self.leaves_now = self.at_once | (self.leaves & ~self.is_current)
        self.until = np.where(self.at_once, self.cut, end)
        # A subscription goes unpaid at the start of a period and then counts no more.
        stays = self.is_current & ~self.leaves_now
        self.unpaid = stays & seasoned & (start + 31 <= self.as_of) & (draw[:, 4] < 0.05)
        self.past_due = stays & ~self.unpaid & (draw[:, 4] > 0.965) & (start + 3 <= self.as_of)

    def _decide_changes(self, streams: _Streams) -> None:
        """Changes of seats and of tier."""
        draw, tier = self.draw, streams.tier[self.rows]
        year_share = self.every / 12
        eager = streams.success[self.rows]
        grows = draw[:, 5] < (0.10 + 0.55 * eager) * year_share**0.9
        shrinks = ~grows & (draw[:, 5] > 1 - (0.20 - 0.14 * eager) * year_share**0.9)
        self.seats = streams.quantity[self.rows]
        moved = 1 + np.floor(self.seats * (0.05 + 0.30 * draw[:, 6])).astype(np.int64)
        fewer = np.maximum(1, self.seats - moved)
        self.next_seats = np.where(grows, self.seats + moved, np.where(shrinks, fewer, self.seats))
        steps_up = (draw[:, 7] < 0.07 * eager * year_share) & (tier < 2)
        steps_down = (draw[:, 7] > 1 - 0.018 * year_share) & (tier > 0)
        self.next_tier = tier + steps_up - steps_down
        days = self.end - self.start - 6
        self.change_day = self.start + 3 + np.floor(draw[:, 8] * days).astype(np.int64)
        self.is_prorated = (self.next_seats != self.seats) & (draw[:, 9] < 0.5) & (self.next_tier == tier)
        self.is_prorated &= ~self.leaves_now & ~self.unpaid & (self.change_day <= self.as_of)
        # In the open period today's quantity counts from the start of the period.
        self.true_seats = np.where(self.is_current & self.is_prorated, self.next_seats, self.seats)

    def _decide_pauses(self, streams: _Streams) -> None:
        """Those who go on may pause for some periods; the billing cycle of a paused subscription turns on."""
        draw, rows, is_monthly = self.draw, self.rows, self.every == 1
        wants_pause = (draw[:, 14] < 0.009) & is_monthly & self.goes_on
        length = np.where(wants_pause, 1 + np.floor(draw[:, 15] ** 2 * 3.99).astype(np.int64), 0)
        # Some take one short month off, which the grace bridges.
        short_month = self.day_after(2) - self.end <= 30
        takes_off = (streams.index[rows] % 12 == 9) & (streams.period[rows] >= 4) & ~streams.has_paused[rows]
        takes_off &= is_monthly & short_month & self.goes_on
        self.pause_length = np.where(takes_off, 1, length)
        self.resumes = self.day_after(self.every + self.pause_length)
        self.is_still_paused = (self.pause_length > 0) & (self.resumes > self.as_of)
        self.turned = np.zeros_like(self.pause_length)
        for skipped in range(1, 4):
            self.turned += self.day_after(self.every + skipped) <= self.as_of


def _newest_version(month: Ints) -> Ints:
    """The price version of these months."""
    return np.asarray((month[:, None] >= PRICE_RISES).sum(axis=1))


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
