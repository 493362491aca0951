"""Who uses what: users of the tracked applications, their days and features, from the causes in ``people``.

Tracking came 18 months before the end, for most customers; nobody knows what was used before. A user works with what the
customer pays for at both ends of a month. How many do follows from adoption, grows over the first months, and falls in the
months before a loss. Some customers are tracked and silent. Users of large customers come on fewer days than they really
would: the exports are to stay small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.catalog import FAMILIES, FAMILY_OF
from postsale.demo.clock import LAST_MONTH, Clock, Flags, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import Frame, ParquetFiles, booleans, dates, labels, numbers, size, take
from postsale.demo.online import Online
from postsale.demo.people import People

TRACKED_MONTHS = 18
APPS = 2
"""Insight and Flow, the families sold by the seat."""
SEAT_PRODUCTS = 6
FEATURES = np.array([12, 8], dtype=np.int64)
BASIC_FEATURES = np.array([8, 5], dtype=np.int64)
"""Features of each application; the basic ones come first, the others are advanced."""
WINDOW_DAYS = 28
WARNING_MONTHS = 6
"""Months before a loss in which use falls."""
DAYS_A_MONTH = 220
"""User-days of one customer, application and month, about: more users come on fewer days."""


@dataclass
class Usage:
    """One block's use. Customers are numbered within the block, users within their customer."""

    is_tracked: Flags
    """Customers that the tracking knows."""
    seats: Ints
    """Seats paid for: customer × application × month."""
    users: Callable[[Floats], Ints]
    """Users by customer, application and month, had these lifts been."""
    days: Frame
    """One user-day: customer, app, month, user, day, events."""
    features: Frame
    """One feature of one user-day: customer, app, month, user, day, feature, events."""


def mixed(salt: Ints, *parts: Ints | int) -> Floats:
    """Numbers in [0, 1) that depend on all parts; as good as random, and the same for the same parts."""
    value = salt.astype(np.uint64)
    for part in parts:
        value = (value ^ np.asarray(part).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        value = value ^ (value >> np.uint64(32))
    return np.asarray((value >> np.uint64(11)).astype(np.float64) / 2.0**53)


def count_seats(people: People, online: Online, contracts: Contracts, clock: Clock) -> Ints:
    """Seats on each month's last day: customer × application × month."""
    ends = clock.month_ends
    seats = np.zeros((people.count, APPS, len(ends) + 1), dtype=np.int64)
    lines, segments = online.lines, contracts.segments
    counted = take(lines, (lines["counts"] == 1) & (lines["until"] > lines["start"]))
    for frame, quantity, stop in ((counted, "true_quantity", "until"), (segments, "quantity", "end")):
        sold = take(frame, frame["product"] < SEAT_PRODUCTS)
        family = FAMILY_OF[sold["product"]]
        np.add.at(seats, (sold["customer"], family, np.searchsorted(ends, sold["start"])), sold[quantity])
        np.add.at(seats, (sold["customer"], family, np.searchsorted(ends, sold[stop])), -sold[quantity])
    return np.asarray(np.cumsum(seats, axis=2)[..., :-1])


def active_users(people: People, seats: Ints, pays: Flags, luck: Floats, lift: Floats) -> Ints:
    """Users of each customer, application and month; ``lift`` raises the share of seats in use, by customer and month."""
    months = seats.shape[2]
    uses = (seats > 0) & pays[:, None, :]
    uses[:, :, 1:] &= uses[:, :, :-1]
    uses[:, :, 0] = False
    run = np.zeros(seats.shape[:2], dtype=np.int64)
    ramp = np.zeros(seats.shape, dtype=np.float64)
    left = np.full(seats.shape[:2], WARNING_MONTHS)
    fall = np.ones(seats.shape, dtype=np.float64)
    for month in range(months):
        run = np.where(uses[:, :, month], run + 1, 0)
        ramp[:, :, month] = np.choose(np.minimum(run, 3), [0.0, 0.5, 0.8, 1.0])
    for month in reversed(range(months)):
        fall[:, :, month] = 0.3 + 0.7 * left / WARNING_MONTHS
        left = np.where(uses[:, :, month], np.minimum(left + 1, WARNING_MONTHS), 1)
    wanted = np.clip(0.15 + 0.85 * people.adoption[:, None] + lift, 0.0, 1.0)
    share = wanted[:, None, :] * ramp * fall * (0.9 + 0.2 * luck)
    return np.where(uses, np.minimum(np.rint(share * seats), seats), 0).astype(np.int64)


def draw_usage_days(
    people: People, dice: Dice, online: Online, contracts: Contracts, pays: Flags, lift: Floats, clock: Clock
) -> Usage:
    """Draw one block's use; ``pays`` tells by customer and month whether there is recurring revenue on its last day.

    ``lift`` raises the share of seats in use, by customer and month.
    """
    draw = dice.uniform("usage", 3)
    salt = (draw[:, 0] * 2**40).astype(np.int64)
    is_tracked = (draw[:, 1] < 0.9) & ~people.is_unmatched
    seats = count_seats(people, online, contracts, clock)
    months = np.arange(clock.first_month, LAST_MONTH + 1, dtype=np.int64)
    luck = mixed(salt[:, None, None], np.arange(APPS)[None, :, None], months[None, None, :], 1)
    is_silent = draw[:, 2] < 0.04

    def users_under(lift: Floats) -> Ints:
        active = active_users(people, seats, pays, luck, lift)
        active[~is_tracked | is_silent] = 0
        active[:, :, months <= LAST_MONTH - TRACKED_MONTHS] = 0
        return active

    active = users_under(lift)
    customer, app, at = np.nonzero(active)
    users = active[customer, app, at]
    cell = np.repeat(np.arange(len(users)), users)
    user = np.arange(len(cell)) - np.repeat(np.cumsum(users) - users, users)
    who = {"customer": customer[cell], "app": app[cell], "month": at[cell], "user": user}
    key, month = salt[who["customer"]], months[who["month"]]
    skill = people.skill[who["customer"]]
    cap = np.clip(DAYS_A_MONTH // np.maximum(users[cell], 1), 1, 8)
    visits = 1 + (mixed(key, user, who["app"], month, 2) * cap * (0.4 + skill)).astype(np.int64)

    first = month_start(month)
    length = month_start(month + 1) - first
    offset = (mixed(key, user, who["app"], month, 3) * length).astype(np.int64)
    row = np.repeat(np.arange(len(user)), visits)
    visit = np.arange(len(row)) - np.repeat(np.cumsum(visits) - visits, visits)
    days = {name: values[row] for name, values in who.items()}
    days["day"] = first[row] + (offset[row] + visit * (length // visits)[row]) % length[row]
    days["events"] = 13 + (mixed(key[row], days["user"], days["day"], days["app"], 4) * 20).astype(np.int64)

    # One to three features a month, on the user's first days; advanced users are those of skill.
    is_advanced = mixed(key, user, 5) < 0.1 + 0.6 * skill
    wanted = np.where(
        mixed(key, user, who["app"], month, 6) < 0.6,
        1 + (mixed(key, user, who["app"], month, 7) * 3 * skill).astype(np.int64),
        0,
    )
    row = np.repeat(np.arange(len(user)), wanted)
    number = np.arange(len(row)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    features = {name: values[row] for name, values in who.items()}
    visit = number % visits[row]
    features["day"] = first[row] + (offset[row] + visit * (length // visits)[row]) % length[row]
    basic, all_features = BASIC_FEATURES[features["app"]], FEATURES[features["app"]]
    pick = (mixed(key[row], features["user"], features["app"], 8) * basic).astype(np.int64) + number
    advanced = basic + (pick + month[row]) % (all_features - basic)
    features["feature"] = np.where(is_advanced[row] & (number == 0), advanced, pick % basic)
    features["events"] = 1 + (mixed(key[row], features["user"], features["day"], number, 9) * 4).astype(
        np.int64
    )
    return Usage(is_tracked, seats, users_under, days, features)


def write_usage_truth(files: ParquetFiles, people: People, usage: Usage, clock: Clock) -> None:
    """Write, by customer, application and month, what the trailing 28 days hold."""
    ends = clock.month_ends
    shape = usage.seats.shape
    active, advanced, spread = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    user_days, events = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)

    def recent(frame: Frame) -> Frame:
        return take(frame, frame["day"] > ends[frame["month"]] - WINDOW_DAYS)

    def count(into: Ints, frame: Frame, *distinct: str) -> None:
        """Count the different values of these columns in each cell."""
        cells = np.stack([frame[name] for name in ("customer", "app", "month", *distinct)], axis=1)
        unique = np.unique(cells, axis=0) if size(frame) else cells
        np.add.at(into, (unique[:, 0], unique[:, 1], unique[:, 2]), 1)

    days, features = recent(usage.days), recent(usage.features)
    count(active, days, "user")
    count(user_days, days, "user", "day")
    count(advanced, take(features, features["feature"] >= BASIC_FEATURES[features["app"]]), "user")
    count(spread, features, "feature")
    np.add.at(events, (days["customer"], days["app"], days["month"]), days["events"])

    customer, app, month = np.nonzero(usage.seats)
    known = usage.is_tracked[customer] & (month >= clock.months - TRACKED_MONTHS)
    files.write(
        "usage_months",
        {
            "customer_id": people.customer_ids().take(pa.array(customer)),
            "product_family": labels(FAMILIES, app),
            "month_end": dates(ends[month]),
            "is_tracked": booleans(known),
            "seat_count": numbers(usage.seats[customer, app, month]),
            "active_user_count": numbers(active[customer, app, month]),
            "advanced_user_count": numbers(advanced[customer, app, month]),
            "user_day_count": numbers(user_days[customer, app, month]),
            "feature_count": numbers(spread[customer, app, month]),
            "event_count": numbers(events[customer, app, month]),
        },
    )
