"""What customers of the demo company spend on its products, and what they gain by them, as the success team keeps track of it.

Who succeeds gains more: the hidden cause behind plans and renewals decides over returns, too.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.care import Care, Course, days_in
from postsale.demo.clock import Clock, Ints
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    Rows,
    booleans,
    constant,
    dates,
    labels,
    numbers,
    take,
    text_ids,
)
from postsale.demo.online import Online
from postsale.demo.people import People

KINDS = ["investment", "benefit"]
INVESTMENT, BENEFIT = range(2)


def draw_returns(
    people: People, dice: Dice, care: Care, online: Online, contracts: Contracts, clock: Clock
) -> Frame:
    """Draw one block's investments and benefits: number, customer, kind, day, amount (US dollars), is_verified (by the customer)."""
    course = Course(people, online, contracts, clock)
    draw = dice.uniform("customer returns", clock.months, 4)
    # The success team keeps track of every third customer; of a few it knows the investment alone.
    is_tracked = care.is_managed & (people.index % 3 == 0) & course.active.any(axis=1)
    first = np.argmax(course.active, axis=1)
    age = np.arange(clock.months)[None, :] - first[:, None]
    tracked = is_tracked[:, None] & course.active & (age >= 0)
    size_of = np.array([60_000, 20_000, 4_000])[people.segment]
    rows = Rows("number", "customer", "kind", "day", "amount", "is_verified")
    for kind, marks in (
        (INVESTMENT, tracked & (age % 6 == 0)),
        (BENEFIT, tracked & (age % 3 == 2) & (people.index % 15 != 0)[:, None]),
    ):
        who, month = np.nonzero(marks)
        own = draw[who, month]
        spent = np.where(age[who, month] == 0, 1.0, 0.2) * (0.8 + 0.4 * own[:, 0])
        gained = 0.6 * people.success[who] * (0.5 + own[:, 0])
        amount = np.floor(size_of[who] * (spent if kind == INVESTMENT else gained)).astype(np.int64)
        rows.add(
            len(who),
            number=people.index[who] * 10**5 + (course.months[month] % 1200) * 10 + kind,
            customer=who,
            kind=kind,
            day=days_in(course.months[month], own[:, 1]),
            amount=amount,
            is_verified=(own[:, 2] < 0.6) & (kind == BENEFIT),
        )
    return rows.frame()


def write_returns(files: CsvFiles, people: People, returns: Frame) -> None:
    """Write the success team's two lists."""
    for kind, table in ((INVESTMENT, "customer_investments"), (BENEFIT, "customer_benefits")):
        rows = take(returns, returns["kind"] == kind)
        count = len(rows["number"])
        name = KINDS[kind]
        more = {"verified_by": labels(["vendor", "customer"], rows["is_verified"])} if kind == BENEFIT else {}
        files.write(
            table,
            {
                f"{name}_id": text_ids("R", rows["number"], 12),
                "account_id": accounts(people, rows["customer"]),
                f"{name}_month": dates(rows["day"]),
                "amount": numbers(rows["amount"]),
                "currency": constant("USD", count),
                **more,
            },
        )


def write_return_ledger(files: ParquetFiles, people: People, returns: Frame) -> None:
    """Write every investment and benefit with its customer."""
    files.write(
        "customer_returns",
        {
            "customer_id": people.customer_ids().take(pa.array(returns["customer"])),
            "return_kind": labels(KINDS, returns["kind"]),
            "return_date": dates(returns["day"]),
            "amount": numbers(returns["amount"]),
            "is_verified": booleans(returns["is_verified"]),
        },
    )


def accounts(people: People, customer: Ints) -> pa.Array:
    """Salesforce accounts, by which the success team names customers."""
    return text_ids("001DM", people.index[customer] * 10, 10, "AAA")
