"""The truth about what cases cost, from the simulated state and without any SQL."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from postsale.demo.cases import KINDS, confirmed, issues, reply_moments
from postsale.demo.clock import NONE, Clock, Ints
from postsale.demo.frames import Frame, ParquetFiles, labels, size, take
from postsale.demo.people import People
from postsale.demo.support_files import ENGINEERING_CENTS, hourly_cents, ticket_ids

__all__ = ["closed_cases", "write_cost_ledger"]


def closed_cases(cases: Frame, people: People, seed: int, clock: Clock) -> Frame:
    """The closed cases in scope of one block, with what their cost depends on."""
    replies = np.bincount(reply_moments(cases, clock)["row"], minlength=size(cases))
    closing = cases["final"].astype("M8[s]")
    known = cases["final"] != NONE
    month = np.where(known, closing.astype("M8[M]").astype(np.int64) + 1970 * 12, NONE)
    region = np.where(cases["account"] == NONE, NONE, people.region[cases["customer"]])
    frame = {
        "number": cases["number"],
        "month": month - clock.first_month,
        "year": month // 12,
        "region": region,
        "reason": confirmed(cases, seed, clock),
        "replies": replies,
        "automated": cases["automated"],
        "minutes": np.where(cases["seconds"] == NONE, NONE, cases["seconds"] // 60),
        "issue": cases["issue"],
        "is_closed": known.astype(np.int64),
    }
    return take(frame, cases["exclusion"] == 0)


def write_cost_ledger(
    files: ParquetFiles, blocks: list[Frame], of_support: Ints, seed: int, clock: Clock
) -> None:
    """Write the cost of each closed case; ``of_support`` are the cents that support cost by month."""
    every = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    engineering = engineering_minutes(every, seed, clock)
    every["engineering"], chosen = engineering, every["is_closed"] == 1
    cases = {name: column[chosen] for name, column in every.items()}
    assisted = cases["automated"] == 0
    weight = effort_weights(cases, assisted, clock)
    sums = np.zeros(clock.months)
    np.add.at(sums, cases["month"][assisted], weight[assisted])
    share = weight * (of_support[cases["month"]] / 100) / sums[cases["month"]]
    # Whose region nobody knows has no rate: those of the demo are by region.
    tracked = (cases["minutes"] != NONE) & (cases["region"] != NONE)
    hourly = hourly_cents(cases["year"], cases["region"], clock) / 100
    measured = np.where(cases["minutes"] == NONE, 0, cases["minutes"]) * hourly / 60
    cost = np.where(tracked, measured, np.where(assisted, share, 0.0))
    files.write(
        "case_costs",
        {
            "case_id": ticket_ids(cases["number"]),
            "case_reason": labels(KINDS, cases["reason"]),
            "is_assisted": pa.array(assisted),
            "effort_weight": pa.array(weight, mask=~assisted),
            "cost_amount": pa.array(cost),
            "cost_basis": labels(["allocated", "measured"], (tracked | ~assisted).astype(np.int64)),
            "engineering_amount": pa.array(
                cases["engineering"] * ENGINEERING_CENTS / 6000, mask=np.isnan(cases["engineering"])
            ),
        },
    )


def effort_weights(cases: Frame, assisted: np.ndarray, clock: Clock) -> np.ndarray:
    """Mean replies of the case's reason in twelve months, in units of the mean of all."""
    reasons = len(KINDS) + 1
    replies, count = np.zeros((clock.months, reasons)), np.zeros((clock.months, reasons))
    place = (cases["month"][assisted], cases["reason"][assisted])  # -1, unclassified, is the last column
    np.add.at(replies, place, cases["replies"][assisted])
    np.add.at(count, place, 1)
    weights = np.ones((clock.months, reasons))
    for month in range(clock.months):
        window = slice(max(month - 11, 0), month + 1)
        by_reason, number = replies[window].sum(axis=0), count[window].sum(axis=0)
        if number.sum() and by_reason.sum():
            mean = by_reason.sum() / number.sum()
            weights[month] = np.where(number > 0, by_reason / np.maximum(number, 1) / mean, 1.0)
    return np.asarray(np.round(weights[cases["month"], cases["reason"]], 6))


def engineering_minutes(cases: Frame, seed: int, clock: Clock) -> np.ndarray:
    """Each case's equal share of the time logged on its issue; not a number where there is none."""
    linked = cases["issue"] != NONE
    issue, place, sharing = np.unique(cases["issue"][linked], return_inverse=True, return_counts=True)
    is_done = issues(issue, seed, clock)["resolved"] != NONE
    minutes = np.where(is_done, 60.0 * (1 + issue % 20), np.nan)
    shares = np.full(size(cases), np.nan)
    shares[linked] = np.round(minutes / sharing, 6)[place]
    return shares
