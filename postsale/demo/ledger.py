"""The truth about the company, from the simulated state in exact integers (millionths), without any SQL.

Rules (the warehouse's default policy): balances on the last day of a month; discounts in force except those
for one invoice; a gap of at most 30 days without recurring revenue of a customer in a product family is
bridged at the revenue of the last day before it; an open gap without a recorded cancellation is pending for
30 days; one set of exchange rates, of the first day of the fiscal year that contains the last day.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from postsale.demo.catalog import (
    CURRENCIES,
    FAMILIES,
    FAMILY_OF,
    FLOW_SERVER,
    INSIGHT_SERVER,
    PRICE_LEVEL,
    RECURRING_FAMILIES,
    Rates,
    fiscal_year_start,
    half_up,
    whole,
)
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    Frame,
    ParquetFiles,
    Rows,
    booleans,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    pc,
    size,
    take,
    text_ids,
)
from postsale.demo.online import COUPONS, Online
from postsale.demo.people import CHANNELS, COUNTRIES, MODELS, REGIONS, SEGMENTS, People

GRACE_DAYS = 30
ACTIVITY_MONTHS = 12
MILLION = 10**6
STATUSES = ["", "active_recurring", "active_transactional", "dormant_user", "lost"]
RECURRING, TRANSACTIONAL, DORMANT, GONE = 1, 2, 3, 4
MOVEMENTS = ["new", "reactivation", "expansion", "contraction", "churn"]
MEMBERS = (
    [("all", "all")]
    + [("segment", name) for name in [*SEGMENTS, "unknown"]]
    + [("region", name) for name in [*REGIONS, "unknown"]]
    + [("channel", name) for name in [*CHANNELS, "unknown"]]
)
FAMILY_MEMBERS = [("product_family", name) for name in FAMILIES[:RECURRING_FAMILIES]]
MEASURES = [
    "opening",
    "closing",
    *MOVEMENTS,
    "cohort_closing",
    "kept",
    "cohort_customers",
    "customers_opening",
    "customers_kept",
]
WINDOWS = (1, 3, 12)


@dataclass
class Totals:
    """Company totals, summed block by block: window → (member, month, measure) in millionths or customers."""

    months: int
    members: dict[int, Ints] = field(init=False)
    families: dict[int, Ints] = field(init=False)
    active: Ints = field(init=False)
    """Active customers by month."""

    def __post_init__(self) -> None:
        """Start at zero."""
        self.members = {
            k: np.zeros((len(MEMBERS), self.months, len(MEASURES)), dtype=np.int64) for k in WINDOWS
        }
        self.families = {
            k: np.zeros((len(FAMILY_MEMBERS), self.months, len(MEASURES)), dtype=np.int64) for k in WINDOWS
        }
        self.active = np.zeros(self.months, dtype=np.int64)


def apply_coupons(lines: Frame, coupons: Frame) -> Frame:
    """Split lines where their coupon starts or ends and reduce the stretch between."""
    if not size(coupons) or not size(lines):
        return lines
    order = np.argsort(coupons["sub"], kind="stable")
    coupons = take(coupons, order)
    place = np.minimum(np.searchsorted(coupons["sub"], lines["sub"]), size(coupons) - 1)
    kind = coupons["coupon"][place]
    # A coupon for one invoice is no part of what recurs.
    holds = (coupons["sub"][place] == lines["sub"]) & (COUPONS[kind, 0] != 0)
    start = np.where(holds, coupons["start"][place], NEVER)
    end = np.where(holds, coupons["end"][place], NEVER)
    off = whole(COUPONS[kind, 3] * PRICE_LEVEL[lines["currency"]], lines["currency"]) * 10**4
    reduced = np.maximum(half_up(lines["mrr"] * (100 - COUPONS[kind, 1]), 100) - off, 0)
    pieces = [
        {**lines, "end": np.minimum(lines["end"], start)},
        {
            **lines,
            "start": np.maximum(lines["start"], start),
            "end": np.minimum(lines["end"], end),
            "mrr": reduced,
        },
        {**lines, "start": np.maximum(lines["start"], end)},
    ]
    kept = [take(piece, piece["start"] < piece["end"]) for piece in pieces]
    return {name: np.concatenate([piece[name] for piece in kept]) for name in lines}


def true_lines(people: People, online: Online, contracts: Contracts) -> Frame:
    """Net recurring lines of both systems; ends exclusive, mrr in millionths."""
    billed = {name: np.concatenate([online.lines[name], online.planned[name]]) for name in online.lines}
    counted = take(billed, (billed["counts"] == 1) & (billed["until"] > billed["start"]))
    stripe: Frame = {
        "system": np.zeros(size(counted), dtype=np.int64),
        "sub": counted["sub"],
        "customer": counted["customer"],
        "family": FAMILY_OF[counted["product"]],
        "currency": counted["currency"],
        "start": counted["start"],
        "end": counted["until"],
        "mrr": counted["true_quantity"] * counted["price"] * MILLION,
        "is_cancelled": counted["is_cancelled"],
    }
    for is_account in (0, 1):
        stripe = apply_coupons(stripe, take(online.discounts, online.discounts["is_account"] == is_account))
    seg = contracts.segments
    zuora: Frame = {
        "system": np.ones(size(seg), dtype=np.int64),
        "sub": seg["sub"],
        "customer": seg["customer"],
        "family": FAMILY_OF[seg["product"]],
        "currency": seg["currency"],
        "start": seg["start"],
        "end": seg["end"],
        "mrr": seg["mrr"] * 10**4,
        "is_cancelled": seg["is_cancelled"],
    }
    zuora["is_bridge"] = np.zeros(size(seg), dtype=np.int64)
    stripe["is_bridge"] = np.zeros(size(stripe), dtype=np.int64)
    zuora = follow_links(zuora, contracts.links)
    both = {name: np.concatenate([stripe[name], zuora[name]]) for name in stripe}
    both = take(both, (both["mrr"] > 0) & (both["start"] < both["end"]))
    return take(both, np.lexsort((both["start"], both["sub"], both["customer"])))


def follow_links(lines: Frame, links: Frame) -> Frame:
    """A linked successor ends its predecessor on its own start; days of grace between are bridged."""
    if not size(links):
        return lines
    order = np.argsort(links["sub"])
    sub, start = links["sub"][order], links["start"][order]
    place = np.minimum(np.searchsorted(sub, lines["sub"]), len(sub) - 1)
    cut = np.where(sub[place] == lines["sub"], start[place], NEVER)
    ended = {**lines, "end": np.minimum(lines["end"], cut)}
    ended = {**take(ended, ended["start"] < ended["end"])}
    cut = cut[lines["start"] < np.minimum(lines["end"], cut)]
    owners, at = np.unique(ended["sub"], return_inverse=True)
    last = np.full(len(owners), NONE)
    np.maximum.at(last, at, ended["end"])
    waits = (
        (ended["end"] == last[at]) & (cut < NEVER) & (cut > ended["end"]) & (cut - ended["end"] <= GRACE_DAYS)
    )
    bridge = take(ended, waits)
    bridge["start"], bridge["end"] = ended["end"][waits], cut[waits]
    bridge["is_bridge"] = np.ones(int(waits.sum()), dtype=np.int64)
    return {name: np.concatenate([ended[name], bridge[name]]) for name in ended}


def close_gaps(lines: Frame, as_of: int) -> tuple[Frame, Frame]:
    """Lines that bridge gaps of at most the grace, and pending lines of gaps still open on the last day."""
    group = lines["customer"] * RECURRING_FAMILIES + lines["family"]
    order = np.lexsort((lines["start"], group))
    rows = take({**lines, "group": group}, order)
    if not size(rows):
        return rows, rows
    shift = rows["group"] * 10**8
    reach = np.maximum.accumulate(rows["end"] + shift) - shift
    fresh = np.append(True, (rows["group"][1:] != rows["group"][:-1]) | (rows["start"][1:] > reach[:-1]))
    stretch = np.cumsum(fresh) - 1
    first = np.nonzero(fresh)[0]
    stop = np.maximum.reduceat(rows["end"], first)
    follows = np.append(rows["group"][first][1:] == rows["group"][first][:-1], False)
    resume = np.where(follows, np.append(rows["start"][first][1:], NEVER), NEVER)
    closing = rows["end"] == stop[stretch]
    short = closing & ((resume - stop)[stretch] <= GRACE_DAYS)
    bridge = take(rows, short)
    bridge["start"], bridge["end"] = stop[stretch][short], resume[stretch][short]
    is_open = (
        closing & (resume[stretch] >= NEVER) & (stop[stretch] <= as_of) & (as_of < stop[stretch] + GRACE_DAYS)
    )
    waits = is_open & (rows["is_cancelled"] == 0)
    pending = take(rows, waits)
    pending["start"], pending["end"] = stop[stretch][waits], np.full(int(waits.sum()), as_of + 1)
    return bridge, pending


def month_balances(lines: Frame, count: int, clock: Clock) -> Ints:
    """Millionths on each month's last day: customer × family × currency × month."""
    ends = clock.month_ends
    width = len(ends) + 1
    cells = np.zeros(count * RECURRING_FAMILIES * len(CURRENCIES) * width, dtype=np.int64)
    cell = (lines["customer"] * RECURRING_FAMILIES + lines["family"]) * len(CURRENCIES) + lines["currency"]
    np.add.at(cells, cell * width + np.searchsorted(ends, lines["start"]), lines["mrr"])
    np.add.at(cells, cell * width + np.searchsorted(ends, lines["end"]), -lines["mrr"])
    grid = cells.reshape(count, RECURRING_FAMILIES, len(CURRENCIES), width)
    return np.cumsum(grid, axis=3)[..., :-1]


@dataclass
class Sales:
    """Invoices over zero that matter to who is a customer."""

    customer: Ints
    day: Ints
    is_licence: Flags


def one_time_sales(online: Online, contracts: Contracts, clock: Clock) -> Sales:
    """Non-recurring invoices: licences, onboarding, training."""
    bought, fees = contracts.purchases, online.fees
    customer = np.concatenate([bought["customer"], fees["customer"]])
    day = np.concatenate([bought["day"], fees["day"]])
    licence = np.concatenate(
        [np.isin(bought["product"], (INSIGHT_SERVER, FLOW_SERVER)), np.zeros(size(fees), dtype=bool)]
    )
    known = day <= clock.as_of
    return Sales(customer[known], day[known], licence[known])


def first_days(people: People, lines: Frame, sales: Sales) -> Ints:
    """Day of the first revenue of each customer (NEVER = none)."""
    first = np.full(people.count, NEVER)
    np.minimum.at(first, lines["customer"], lines["start"])
    np.minimum.at(first, sales.customer, sales.day)
    return first


def transactional(people: People, sales: Sales, had_revenue: Flags, clock: Clock) -> Flags:
    """Active by a purchase of the trailing 12 months: licence owners, or never on recurring revenue."""
    ends, n, width = clock.month_ends, people.count, clock.months + 1
    marks = np.zeros((n, width), dtype=np.int64)
    begin = np.searchsorted(ends, sales.day)
    np.add.at(marks, (sales.customer, np.minimum(begin, width - 1)), 1)
    np.add.at(marks, (sales.customer, np.minimum(begin + ACTIVITY_MONTHS, width - 1)), -1)
    recent = np.cumsum(marks, axis=1)[:, :-1] > 0
    owned = np.zeros((n, width), dtype=np.int64)
    licence = sales.is_licence
    np.add.at(owned, (sales.customer[licence], np.minimum(begin[licence], width - 1)), 1)
    owns = np.cumsum(owned, axis=1)[:, :-1] > 0
    return np.asarray(recent & (owns | ~had_revenue))


def draw_usage(people: People, dice: Dice, silent: Flags, clock: Clock) -> Flags:
    """Months in which customers without revenue still use the product shortly before the month's end."""
    draw = dice.uniform("dormant usage", 2)
    lasts = np.where(draw[:, 0] < 0.4, 1 + np.floor(draw[:, 1] * 9), 0)
    run = np.zeros(people.count, dtype=np.int64)
    uses = np.zeros_like(silent)
    for month in range(clock.months):
        run = np.where(silent[:, month], run + 1, 0)
        uses[:, month] = (run > 0) & (run <= lasts)
    return uses


def measure(opening: Ints, closing: Ints, had_before: Flags) -> list[Ints]:
    """The money measures of a window, in the order of MEASURES."""
    zero = np.zeros_like(closing)
    stays = (opening > 0) & (closing > 0)
    change = closing - opening
    return [
        opening,
        closing,
        np.where((opening == 0) & ~had_before, closing, zero),
        np.where((opening == 0) & had_before, closing, zero),
        np.where(stays, np.maximum(change, 0), zero),
        np.where(stays, np.maximum(-change, 0), zero),
        np.where(closing == 0, opening, zero),
        np.where(opening > 0, closing, zero),
        np.minimum(opening, closing),
        (opening > 0).astype(np.int64),
    ]


def shifted(values: Ints, window: int) -> Ints:
    """The values ``window`` months earlier (zero before the first month)."""
    result = np.zeros_like(values)
    if window < values.shape[1]:
        result[:, window:] = values[:, :-window]
    return result


def add_totals(totals: Totals, people: People, mrr: Ints, by_family: Ints, is_active: Flags) -> None:
    """Add one block to the company totals."""
    unknown = people.is_unmatched
    codes = [np.where(unknown, 3, code) for code in (people.segment, people.region, people.channel)]
    belongs = [np.ones(people.count, dtype=np.int64)]
    belongs += [(code == member).astype(np.int64) for code in codes for member in range(4)]
    matrix = np.stack(belongs)
    active = is_active.astype(np.int64)
    totals.active += active.sum(axis=0)
    had = np.cumsum((mrr > 0).astype(np.int64), axis=1)
    family_had = np.cumsum((by_family > 0).astype(np.int64), axis=2)
    for window in WINDOWS:
        values = measure(shifted(mrr, window), mrr, shifted(had, window) > 0)
        before = shifted(active, window)
        values += [before, before * active]
        for column, value in enumerate(values):
            totals.members[window][:, :, column] += matrix @ value
        for family in range(RECURRING_FAMILIES):
            own = by_family[:, family]
            values = measure(shifted(own, window), own, shifted(family_had[:, family], window) > 0)
            held = (own > 0).astype(np.int64)
            values += [shifted(held, window), shifted(held, window) * held]
            for column, value in enumerate(values):
                totals.families[window][family, :, column] += value.sum(axis=0)


def write_ledger(
    files: ParquetFiles,
    people: People,
    dice: Dice,
    online: Online,
    contracts: Contracts,
    rates: Rates,
    totals: Totals,
    clock: Clock,
) -> tuple[Frame, Flags]:
    """Write one block's truth and add it to ``totals``.

    Returns its rows of use without revenue (account, day, events), and by customer and month whether there is recurring revenue.
    """
    n, as_of, ends = people.count, clock.as_of, clock.month_ends
    lines = true_lines(people, online, contracts)
    bridge, pending = close_gaps(lines, as_of)
    linked = take(lines, lines["is_bridge"] == 1)
    bridged = month_balances(bridge, n, clock)
    waiting = month_balances(pending, n, clock)
    original = month_balances(lines, n, clock) + bridged + waiting
    bridged = bridged + month_balances(linked, n, clock)
    rate = rates.on(fiscal_year_start(as_of))[None, None, :, None]
    converted, converted_bridged, converted_pending = (
        half_up(grid * rate, MILLION) for grid in (original, bridged, waiting)
    )
    by_family = converted.sum(axis=2)
    mrr = by_family.sum(axis=1)

    had = np.cumsum(mrr > 0, axis=1) > 0
    sales = one_time_sales(online, contracts, clock)
    first = first_days(people, lines, sales)
    buys = transactional(people, sales, had, clock)
    is_active = (mrr > 0) | buys
    paid = first[:, None] <= ends[None, :]
    uses = draw_usage(people, dice, paid & ~is_active & ~people.is_unmatched[:, None], clock)
    status = np.where(mrr > 0, RECURRING, np.where(buys, TRANSACTIONAL, np.where(uses, DORMANT, GONE)))
    status = np.where(paid, status, 0)
    add_totals(totals, people, mrr, by_family, is_active & paid)

    ids = people.customer_ids()

    def name(rows: Ints) -> pa.Array:
        return ids.take(pa.array(rows))

    who, family, currency, month = np.nonzero(original)
    files.write(
        "revenue_months",
        {
            "customer_id": name(who),
            "product_family": labels(FAMILIES, family),
            "currency": labels(CURRENCIES, currency),
            "month_end": dates(ends[month]),
            "mrr_original_amount": decimals(original[who, family, currency, month], 6),
            "mrr_amount": decimals(converted[who, family, currency, month], 6),
            "bridged_mrr_amount": decimals(converted_bridged[who, family, currency, month], 6),
            "pending_mrr_amount": decimals(converted_pending[who, family, currency, month], 6),
            "is_bridged": booleans(bridged[who, family, currency, month] > 0),
        },
    )

    opening = shifted(mrr, 1)
    had_before = shifted(had.astype(np.int64), 1) > 0
    change = mrr - opening
    moved = np.where(
        opening == 0, np.where(had_before, 1, 0), np.where(mrr == 0, 4, np.where(change > 0, 2, 3))
    )
    moved = np.where(change == 0, -1, moved)
    first_month = np.searchsorted(ends, first)
    who, month = np.nonzero(status > 0)
    files.write(
        "customer_months",
        {
            "customer_id": name(who),
            "month_end": dates(ends[month]),
            "mrr_amount": decimals(mrr[who, month], 6),
            "bridged_mrr_amount": decimals(converted_bridged.sum(axis=(1, 2))[who, month], 6),
            "pending_mrr_amount": decimals(converted_pending.sum(axis=(1, 2))[who, month], 6),
            "relationship_status": labels(STATUSES, status[who, month]),
            "is_active": booleans(is_active[who, month]),
            "tenure_months": numbers(month - first_month[who]),
        },
    )
    who, month = np.nonzero(moved >= 0)
    files.write(
        "movements",
        {
            "customer_id": name(who),
            "month_end": dates(ends[month]),
            "movement": labels(MOVEMENTS, moved[who, month]),
            "opening_mrr_amount": decimals(opening[who, month], 6),
            "closing_mrr_amount": decimals(mrr[who, month], 6),
            "mrr_change_amount": decimals(change[who, month], 6),
        },
    )
    lines = take(lines, lines["is_bridge"] == 0)
    contract = (
        pa.chunked_array([text_ids("stripe:sub_", lines["sub"]), text_ids("zuora:A-S", lines["sub"], 8)])
        .take(pa.array(np.arange(size(lines)) + lines["system"] * size(lines)))
        .combine_chunks()
    )
    files.write(
        "contract_lines",
        {
            "customer_id": name(lines["customer"]),
            "contract": contract,
            "product_family": labels(FAMILIES, lines["family"]),
            "currency": labels(CURRENCIES, lines["currency"]),
            "start_date": dates(lines["start"]),
            "end_date": dates(lines["end"]),
            "net_mrr_amount": decimals(lines["mrr"], 6),
            "is_cancelled": booleans(lines["is_cancelled"]),
        },
    )
    write_people(files, people, first)

    who, month = np.nonzero(uses)
    rows = Rows("account", "day", "events")
    rows.add(
        len(who),
        account=people.index[who] * 10,
        day=ends[month] - 11 - (who + month) % 10,
        events=1 + (who * 7 + month) % 40,
    )
    return rows.frame(), mrr > 0


def write_people(files: ParquetFiles, people: People, first: Ints) -> None:
    """Write the hidden causes of each customer."""
    known = np.where(people.is_unmatched, NONE, people.index * 10)
    unmatched = people.is_unmatched

    def dimension(names: list[str], codes: Ints) -> pa.Array:
        return labels([*names, "unknown"], np.where(unmatched, len(names), codes))

    files.write(
        "customer_truth",
        {
            "customer_id": people.customer_ids(),
            "customer_name": pa.array(people.names, pa.string()),
            "crm_account_id": text_ids("001DM", known, 10, "AAA"),
            "is_unmatched": booleans(unmatched),
            "segment": dimension(SEGMENTS, people.segment),
            "region": dimension(REGIONS, people.region),
            "channel": dimension(CHANNELS, people.channel),
            "country": labels(COUNTRIES, people.country),
            "currency": labels(CURRENCIES, people.currency),
            "business_model": labels(MODELS, people.model),
            "child_account_count": numbers(people.children),
            "merged_account_count": numbers(people.merged),
            "first_revenue_date": dates(first),
            "skill": pa.array(people.skill),
            "adoption": pa.array(people.adoption),
            "success": pa.array(people.success),
            "defects_per_month": pa.array(people.defect_rate),
            "dissatisfaction": pa.array(people.dissatisfaction),
            "renewal_probability": pa.array(people.renewal_probability),
        },
    )


def write_totals(files: ParquetFiles, totals: Totals, clock: Clock) -> None:
    """Write company retention by month, finished quarter and calendar year, trailing 12 months."""
    ends = clock.month_ends
    calendar = (np.arange(clock.first_month, clock.first_month + clock.months)) % 12 + 1
    every = np.arange(clock.months)
    grains = [
        ("month", 1, every),
        ("quarter", 3, every[calendar % 3 == 0]),
        ("year", 12, every[calendar == 12]),
        ("t12m", 12, every),
    ]
    for grain, window, chosen in grains:
        blocks = [(MEMBERS, totals.members[window]), (FAMILY_MEMBERS, totals.families[window])]
        for members, values in blocks:
            shape = values[:, chosen].reshape(-1, len(MEASURES))
            count = len(shape)
            member = np.repeat(np.arange(len(members)), len(chosen))
            money = {f"{name}_mrr_amount": decimals(shape[:, i], 6) for i, name in enumerate(MEASURES[:9])}
            counts = {f"{name}_count": numbers(shape[:, i + 9]) for i, name in enumerate(MEASURES[9:])}
            opening, cohort, kept = (
                shape[:, MEASURES.index(name)] for name in ("opening", "cohort_closing", "kept")
            )
            base, stayed = (
                shape[:, MEASURES.index("customers_opening")],
                shape[:, MEASURES.index("customers_kept")],
            )
            files.write(
                "retention",
                {
                    "period_grain": constant(grain, count),
                    "period_end": dates(np.tile(ends[chosen], len(members))),
                    "dimension": labels([name for name, _ in members], member),
                    "member": labels([name for _, name in members], member),
                    **money,
                    **counts,
                    "net_revenue_retention": rate_of(cohort, opening),
                    "gross_revenue_retention": rate_of(kept, opening),
                    "customer_retention_rate": rate_of(stayed, base),
                },
            )


def rate_of(numerator: Ints, denominator: Ints) -> pa.Array:
    """Exact quotient rounded half up to 6 decimals; null over zero."""
    shares = [
        None if below == 0 else (2 * above * MILLION + below) // (2 * below)
        for above, below in zip(numerator.tolist(), denominator.tolist(), strict=True)
    ]
    known = np.array([0 if share is None else share for share in shares], dtype=np.int64)
    missing = pa.array([share is None for share in shares])
    values = decimals(known, 6)
    return pc.if_else(missing, pa.scalar(None, values.type), values)
