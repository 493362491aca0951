"""What is done to help customers use what they bought, and what it truly does to their use.

Trainings and business reviews are touches of the success team (``care``); services, trainings and enhancements that no system
records are in a list of the company's own. A first service or training raises the share of seats in use from the month after
it on; an enhancement does nothing, whatever everybody believes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.care import REVIEW, TRAINING, Care, Course, days_in
from postsale.demo.clock import Clock, Flags, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import CsvFiles, Frame, ParquetFiles, Rows, dates, labels, take, text_ids
from postsale.demo.online import Online
from postsale.demo.people import People

ACTIONS = ["service", "training", "product_enhancement"]
WORDS = ["Service", "Training", "Product enhancement"]
SERVICE, TRAINED, ENHANCED = range(len(ACTIONS))
LIFTS = (0.06, 0.12, 0.0)
"""Rise of the share of seats in use after the first action of each type."""
CHANCES = ((0.010, 0.010, 0.030), (0.012, 0.012, 0.030), (0.030, 0.030, 0.030))
"""Chance of a listed action a month, by segment and type."""


Users = Callable[[Floats], Ints]
"""Users of each customer, application and month under these lifts by customer and month."""


@dataclass(frozen=True)
class Actions:
    """One block's actions."""

    listed: Frame
    """Actions that only the company's own list tells of: number, customer, type, day."""
    months: Flags
    """Whether an action of the type, listed or a touch, took place: customer × type × month."""

    def lift(self, without: int | None = None) -> Floats:
        """Rise of the share of seats in use by customer and month; ``without`` a type, as if it had never taken place.

        Every type is left out if it is the number of types.
        """
        total = np.zeros((self.months.shape[0], self.months.shape[2]))
        for kind, rise in enumerate(LIFTS):
            if without not in (kind, len(ACTIONS)):
                begun = np.cumsum(self.months[:, kind], axis=1) > 0
                total[:, 1:] += rise * begun[:, :-1]
        return total


def draw_actions(
    people: People, dice: Dice, care: Care, online: Online, contracts: Contracts, clock: Clock
) -> Actions:
    """Draw the listed actions of one block, and join them with the touches that are actions, too."""
    course = Course(people, online, contracts, clock)
    rows = Rows("number", "customer", "type", "day")
    months = np.zeros((people.count, len(ACTIONS), clock.months), dtype=bool)
    chances = np.array(CHANCES)[people.segment]
    draw = dice.uniform("actions", clock.months, len(ACTIONS), 2)
    for kind in range(len(ACTIONS)):
        who, month = np.nonzero(course.active & (draw[:, :, kind, 0] < chances[:, None, kind]))
        rows.add(
            len(who),
            number=people.index[who] * 10**5 + (course.months[month] % 1200) * 10 + kind,
            customer=who,
            type=kind,
            day=days_in(course.months[month], draw[who, month, kind, 1]),
        )
        months[who, kind, month] = True
    for code, kind in ((REVIEW, SERVICE), (TRAINING, TRAINED)):
        touches = take(care.touches, care.touches["kind"] == code)
        month = np.searchsorted(month_start(course.months), touches["day"], side="right") - 1
        months[touches["customer"], kind, month] = True
    return Actions(rows.frame(), months)


def write_actions(files: CsvFiles, people: People, actions: Actions) -> None:
    """Write the list."""
    listed = actions.listed
    files.write(
        "customer_actions",
        {
            "action_id": text_ids("A", listed["number"], 10),
            "account_id": text_ids("001DM", people.index[listed["customer"]] * 10, 10, "AAA"),
            "action_type": labels(WORDS, listed["type"]),
            "action_date": dates(listed["day"]),
        },
    )


def write_action_ledger(files: ParquetFiles, people: People, actions: Actions, clock: Clock) -> None:
    """Write the months of actions, of each type and of any."""
    ids = people.customer_ids()
    any_type = actions.months.any(axis=1, keepdims=True)
    customer, kind, month = np.nonzero(np.concatenate([actions.months, any_type], axis=1))
    files.write(
        "actions",
        {
            "customer_id": ids.take(pa.array(customer)),
            "action_type": labels([*ACTIONS, "all"], kind),
            "month_end": dates(clock.month_ends[month]),
        },
    )


def write_lifts(
    files: ParquetFiles, people: People, actions: Actions, seats: Ints, users: Users, clock: Clock
) -> None:
    """Write by how much the first action of each type truly raised the share of seats in use three months later."""
    ids = people.customer_ids()
    sold = seats.sum(axis=1)
    real = users(actions.lift())
    for kind, name in enumerate([*ACTIONS, "all"]):
        months: Flags = np.asarray(actions.months.any(axis=1) if name == "all" else actions.months[:, kind])
        first = np.argmax(months, axis=1)
        other = users(actions.lift(without=kind))
        who = np.nonzero(months.any(axis=1) & (first + 3 < clock.months))[0]
        after = first[who] + 3
        who, after = who[sold[who, after] > 0], after[sold[who, after] > 0]
        rise = (real - other).sum(axis=1)[who, after] / sold[who, after]
        files.write(
            "action_lifts",
            {
                "customer_id": ids.take(pa.array(who)),
                "action_type": labels([name], np.zeros(len(who), dtype=np.int64)),
                "month_end": dates(clock.month_ends[first[who]]),
                "true_lift": pa.array(np.round(rise, 6)),
            },
        )
