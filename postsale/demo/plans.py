"""Success plans of the demo company: what customers want to reach, how far they get, and the truth about it.

How far an objective is reached follows from the hidden cause that also decides whether the customer renews: who succeeds reaches
more, and stays. Gainsight has the plans and knows the newest value alone; the dated values are on a list of the success team.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from postsale.demo.care import RISK_REASONS, Care, Course, days_in
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Floats, Ints, month_start
from postsale.demo.contracts import Contracts
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    booleans,
    constant,
    dates,
    decimals,
    numbers,
    pc,
    size,
    take,
    text_ids,
)
from postsale.demo.online import Online
from postsale.demo.people import People

MILLION = 10**6
OBJECTIVES = 4
"""Objectives of a plan at most."""
QUARTERS = 4
"""Measurements of an objective at most."""
CHANCES = (0.95, 0.75, 0.30)
"""Share of managed customers with success plans, by segment."""
OPEN, WON, LOST = range(3)


@dataclass(frozen=True)
class Plans:
    """One block's success plans."""

    plans: Frame
    """number, customer, start, due, agreed, closed, is_draft."""
    objectives: Frame
    """number, plan (its number), place (of the plan in ``plans``), customer, is_measured, baseline, target, outcome, due, closed, percent,
    told (day of the percentage), weight, reason, has_service, unit."""
    days: Ints
    """Days of the measurements: objective × quarter; NEVER = none."""
    values: Ints
    """Values measured on these days."""


def draw_plans(
    people: People, dice: Dice, care: Care, online: Online, contracts: Contracts, clock: Clock
) -> Plans:
    """Draw the plans of one block: one a year for each customer that has any."""
    course = Course(people, online, contracts, clock)
    years = clock.months // 12 + 1
    draw = dice.uniform("success plans", years, 6)
    has_plans = (
        care.is_managed & course.active.any(axis=1) & (draw[:, 0, 0] < np.array(CHANCES)[people.segment])
    )
    first = np.argmax(course.active, axis=1) + 2
    begun = first[:, None] + 12 * np.arange(years)[None, :]
    inside = begun < clock.months
    is_active = np.take_along_axis(course.active, np.minimum(begun, clock.months - 1), axis=1)
    who, year = np.nonzero(has_plans[:, None] & inside & is_active)
    own, month = draw[who, year], begun[who, year]
    start = days_in(course.months[month], own[:, 1])
    due = month_start(course.months[month] + 12)
    agreed = np.where(own[:, 2] < 0.85, start + np.floor(own[:, 3] * 40).astype(np.int64), NEVER)
    # A plan ends with its year, or when the customer leaves.
    gone = course.months[month] + course.months_left[who, month]
    closed = np.minimum(due, month_start(np.minimum(gone, 10**5))) + np.floor(own[:, 4] * 25).astype(np.int64)
    is_draft = (start > clock.as_of - 60) & (own[:, 5] < 0.3)
    plans: Frame = {
        "number": people.index[who] * 100 + year,
        "customer": who,
        "start": start,
        "due": due,
        "agreed": np.where((agreed <= clock.as_of) & ~is_draft, agreed, NEVER),
        "closed": np.where(closed <= clock.as_of, closed, NEVER),
        "is_draft": is_draft.astype(np.int64),
    }
    return draw_objectives(people, dice, plans, year, clock)


def draw_objectives(people: People, dice: Dice, plans: Frame, year: Ints, clock: Clock) -> Plans:
    """Draw the objectives of plans, how far they get and when that is told."""
    draw = dice.uniform("success objectives", clock.months // 12 + 1, OBJECTIVES, 10)
    count = 2 + (plans["number"] * 7) % 3
    place, rank = np.nonzero(np.arange(OBJECTIVES)[None, :] < count[:, None])
    plan = take(plans, place)
    own: Floats = draw[plan["customer"], year[place], rank]
    success = people.success[plan["customer"]]
    # How much of the way is gone by the end, in thousandths; more than all of it for a few, backwards for a few.
    reached = np.floor(1000 * np.clip(1.15 * success + 0.5 * (own[:, 0] - 0.4), -0.1, 1.2)).astype(np.int64)
    is_measured = own[:, 1] < 0.7
    baseline = 20 + np.floor(own[:, 2] * 80).astype(np.int64)
    way = 10 + np.floor(own[:, 3] * (baseline - 10)).astype(np.int64)
    way = np.where(own[:, 4] < 0.5, -way, way)
    due = np.where(own[:, 5] < 0.4, plan["start"] + 180, plan["due"])
    last_day = np.minimum(plan["closed"], clock.as_of)
    quarter = np.arange(1, QUARTERS + 1)
    days = plan["start"][:, None] + 80 * quarter[None, :]
    is_told: Flags = is_measured[:, None] & (days <= last_day[:, None]) & (plan["is_draft"] == 0)[:, None]
    values = baseline[:, None] + (way * reached)[:, None] * quarter[None, :] // (1000 * QUARTERS)
    days = np.where(is_told, days, NEVER)
    # Others are reached or given up, or nobody ever says: what the owner thinks of them is told in between.
    is_silent = ~is_measured & (own[:, 6] < 0.08)
    is_won = own[:, 7] < success
    early = plan["start"] + 60 + np.floor(own[:, 8] * 300).astype(np.int64)
    won_on = np.minimum(early, plan["closed"])
    closed = np.where(is_won & ~is_measured, won_on, plan["closed"])
    is_won = np.where(is_measured, reached >= 800, is_won)
    closed = np.where(is_silent | (closed > clock.as_of) | (plan["is_draft"] == 1), NEVER, closed)
    is_closed = closed < NEVER
    told = plan["start"] + 30
    has_percent = ~is_measured & ~is_silent & ~is_closed & (told <= clock.as_of)
    objectives: Frame = {
        "number": plan["number"] * 10 + rank,
        "plan": plan["number"],
        "place": place,
        "customer": plan["customer"],
        "is_measured": is_measured.astype(np.int64),
        "baseline": np.where(is_measured, baseline, NONE),
        "target": np.where(is_measured, baseline + way, NONE),
        "outcome": np.where(is_closed, np.where(is_won, WON, LOST), OPEN),
        "due": due,
        "closed": closed,
        "percent": np.where(has_percent, np.clip(reached // 20, 0, 50), NONE),
        "told": np.where(has_percent, told, NEVER),
        "weight": np.where(rank == 0, 2, NONE),
        "reason": np.where(is_closed & ~is_won, plan["number"] % len(RISK_REASONS), -1),
        "has_service": (own[:, 9] < 0.6).astype(np.int64),
        "start": plan["start"],
    }
    return Plans(plans, objectives, days, values)


def has_criteria(objectives: Frame) -> Flags:
    """Whether it is written down how anybody would see that an objective is reached."""
    return np.asarray(objectives["number"] % 3 == 0)


def changed_days(plans: Plans) -> Ints:
    """Day of the last change of each objective."""
    told = np.where(plans.days < NEVER, plans.days, NONE).max(axis=1)
    row = plans.objectives
    closed, share = (np.where(row[name] < NEVER, row[name], NONE) for name in ("closed", "told"))
    return np.asarray(np.maximum.reduce([row["start"], told, closed, share]))


def newest_values(plans: Plans) -> Ints:
    """The value measured last; NONE = none."""
    values = np.full(size(plans.objectives), NONE)
    for quarter in range(QUARTERS):
        values = np.where(plans.days[:, quarter] < NEVER, plans.values[:, quarter], values)
    return values


def write_measurements(files: CsvFiles, plans: Plans) -> None:
    """Write the success team's list of dated values of Gainsight's objectives."""
    row, quarter = np.nonzero(plans.days < NEVER)
    number = plans.objectives["number"][row]
    files.write(
        "objective_measurements",
        {
            "measurement_id": text_ids("M", number * 10 + quarter, 12),
            "objective_id": text_ids("1S02DM", number, 14),
            "objective_system": constant("gainsight", len(row)),
            "measured_date": dates(plans.days[row, quarter]),
            "value": numbers(plans.values[row, quarter]),
        },
    )


def write_plan_ledger(files: ParquetFiles, people: People, plans: Plans, clock: Clock) -> None:
    """Write which plans are in scope at which month-end, and how far their objectives are reached."""
    ends, ids = clock.month_ends, people.customer_ids()
    plan, row = plans.plans, plans.objectives
    starts = month_start(np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64) - 11)
    closed = plan["closed"][:, None]
    in_scope: Flags = (
        (plan["is_draft"] == 0)[:, None] & (plan["start"][:, None] <= ends) & (closed >= starts[None, :])
    )
    who, month = np.nonzero(in_scope)
    files.write(
        "success_plan_months",
        {
            "plan_key": text_ids("gainsight:1S03DM", plan["number"][who], 14),
            "customer_id": ids.take(pa.array(plan["customer"][who])),
            "month_end": dates(ends[month]),
            "is_open": booleans(plan["closed"][who] > ends[month]),
            "is_agreed": booleans(plan["agreed"][who] <= ends[month]),
        },
    )
    attained, is_known = attainments(plans, clock)
    scope = in_scope[row["place"]]
    who, month = np.nonzero(scope)
    known = is_known[who, month]
    files.write(
        "success_objectives",
        {
            "objective_key": text_ids("gainsight:1S02DM", row["number"][who], 14),
            "plan_key": text_ids("gainsight:1S03DM", row["plan"][who], 14),
            "customer_id": ids.take(pa.array(row["customer"][who])),
            "month_end": dates(ends[month]),
            "weight": numbers(np.where(row["weight"][who] == NONE, 1, row["weight"][who])),
            "attainment": pc.if_else(pa.array(known), decimals(attained[who, month], 6), None),
            "is_due": booleans(row["due"][who] <= ends[month]),
        },
    )


def attainments(plans: Plans, clock: Clock) -> tuple[Ints, Flags]:
    """How far each objective is reached at each month-end, in millionths, and whether anybody can tell."""
    row, ends = plans.objectives, clock.month_ends
    shape = (size(row), clock.months)
    attained, is_known = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    # The weakest word first: what the owner says, how it was closed, what was measured.
    told = row["told"][:, None] <= ends
    attained = np.where(told, row["percent"][:, None] * (MILLION // 100), attained)
    ended = row["closed"][:, None] <= ends
    attained = np.where(ended, (row["outcome"] == WON)[:, None] * MILLION, attained)
    is_known = told | ended
    way = np.where(row["is_measured"] == 1, row["target"] - row["baseline"], 1)
    for quarter in range(QUARTERS):
        done = np.where(row["is_measured"] == 1, plans.values[:, quarter] - row["baseline"], 0) * np.sign(way)
        length = np.abs(way)
        share = np.clip((2 * done * MILLION + length) // (2 * length), 0, MILLION)
        measured = plans.days[:, quarter][:, None] <= ends
        attained = np.where(measured, share[:, None], attained)
        is_known = is_known | measured
    return attained, is_known
