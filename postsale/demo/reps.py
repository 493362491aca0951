"""Who sells: reps of the company and of its partners, what they learn of selling services, and when they are fully qualified.

The first reps are the users of the CRM, who own its opportunities; the others sell beside them. Everybody takes the modules of one
curriculum and a test a year; who has all modules and passed the newest test of the last twelve months is qualified.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints, month_start, split_day
from postsale.demo.crm_files import REPS
from postsale.demo.dice import Dice
from postsale.demo.frames import (
    CsvFiles,
    Frame,
    ParquetFiles,
    booleans,
    constant,
    dates,
    decimals,
    labels,
    numbers,
    size,
    take,
    text_ids,
)
from postsale.demo.people import REGIONS

REP_COUNT = 40
PARTIES = ["direct", "partner"]
MODULES = (
    ("Finding needs for services", "opportunities", 0),
    ("What we offer", "offerings", 1),
    ("The value of services", "value_proposition", 3),
    ("Customers like yours", "use_cases", 2),
    ("But it costs", "objections", 2),
)
"""Module, its topic and its mode."""
MODES = ["classroom", "virtual", "self_paced", "live"]
UPDATE = "What is new"
DUE_DAYS = 90
VALID_MONTHS = 12
QUOTA = 500
"""Dollars of annual service value that a rep is to sell in a month, at least."""


@dataclass(frozen=True)
class Reps:
    """All reps; days are whole, reps are numbered."""

    party: Ints
    region: Ints
    started: Ints
    ended: Ints
    modules: Frame
    """number, rep, module (−1 = update), mode, assigned, due, completed."""
    tests: Frame
    """number, rep, day, score, is_passed; by rep and day."""
    quotas: Frame
    """number, rep, month, quota, service_pay, product_pay; amounts in dollars."""
    views: Frame
    """number, rep, day."""

    def is_qualified(self, rep: Ints, day: Ints) -> Flags:
        """Whether each rep is fully qualified on its day: all modules completed, and the newest test of the year before it passed."""
        done = np.zeros(REP_COUNT, dtype=np.int64)
        required = take(self.modules, self.modules["module"] >= 0)
        np.maximum.at(done, required["rep"], required["completed"])
        rep, day = np.asarray(rep, dtype=np.int64), np.asarray(day, dtype=np.int64)
        tests = self.tests
        if not len(tests["rep"]):
            return np.zeros(len(rep), dtype=bool)
        # The newest test on or before the day: tests lie by rep and day.
        last = np.searchsorted(tests["rep"] * 10**7 + tests["day"], rep * 10**7 + day, side="right") - 1
        place = np.maximum(last, 0)
        known = (last >= 0) & (tests["rep"][place] == rep) & (tests["day"][place] > year_before(day))
        return np.asarray((done[rep] <= day) & known & (tests["is_passed"][place] == 1))

    def is_active(self, day: Ints | int) -> Flags:
        """Whether each rep is one on a day."""
        return np.asarray((self.started <= day) & (self.ended > day))


def year_before(day: Ints) -> Ints:
    """The same day twelve months earlier, the last of February for its 29th."""
    month = np.asarray(day).astype("M8[D]").astype("M8[M]").astype(np.int64) + 12 * 1970 - VALID_MONTHS
    dom = day - month_start(month + VALID_MONTHS)
    return np.minimum(month_start(month) + dom, month_start(month + 1) - 1)


def draw_reps(seed: int, clock: Clock) -> Reps:
    """Draw all reps of the company; they do not depend on how many customers there are."""
    dice = Dice(seed, 0, REP_COUNT)
    rep = np.arange(REP_COUNT, dtype=np.int64)
    party = (((rep >= 8) & (rep < 12)) | (rep >= 26)).astype(np.int64)
    draw = dice.uniform("reps", 8)
    first = clock.first_month - 12
    late = (rep >= len(REPS)) & (draw[:, 0] < 0.4)
    started = month_start(first + np.where(late, 12 + draw[:, 1] * clock.months * 0.8, 0).astype(np.int64))
    leaves = (rep >= len(REPS)) & (draw[:, 2] < 0.15)
    ended = np.where(
        leaves,
        month_start(clock.first_month + (clock.months * (0.85 + 0.1 * draw[:, 3])).astype(np.int64)),
        NEVER,
    )
    ended = np.where(ended <= np.minimum(clock.as_of, started + 31), NEVER, ended)
    ended = np.where(ended <= clock.as_of, ended, NEVER)
    modules = draw_modules(dice, started, ended, party, clock)
    return Reps(
        party=party,
        region=rep % len(REGIONS),
        started=started,
        ended=ended,
        modules=modules,
        tests=draw_tests(dice, modules, started, ended, clock),
        quotas=draw_quotas(dice, started, ended, party, clock),
        views=draw_views(dice, started, ended, clock),
    )


def draw_modules(dice: Dice, started: Ints, ended: Ints, party: Ints, clock: Clock) -> Frame:
    """A curriculum for most reps from the first month on, completed in weeks, in a year or never; and updates now and then."""
    draw = dice.uniform("rep modules", len(MODULES), 3)
    own = dice.uniform("rep curricula", 3)
    begin = np.maximum(started, month_start(np.array([clock.first_month]))[0])
    has = own[:, 0] < np.where(party == 0, 0.92, 0.75)
    # Half of the reps are quick, most others take up to two years.
    pace = np.where(own[:, 1] < 0.5, 80.0, 40.0 + own[:, 1] * clock.months * 20)
    rep, module = np.nonzero(np.broadcast_to(has[:, None], (REP_COUNT, len(MODULES))))
    assigned = begin[rep] + 7
    completed = assigned + 5 + (draw[rep, module, 0] * pace[rep]).astype(np.int64)
    lazy = draw[rep, module, 1] < 0.04
    last = np.minimum(clock.as_of, ended[rep] - 1)
    parts: list[Frame] = [
        {
            "number": rep * 100 + module,
            "rep": rep,
            "module": module,
            "mode": np.array([mode for _, _, mode in MODULES])[module],
            "assigned": assigned,
            "due": assigned + DUE_DAYS,
            "completed": np.where(lazy | (completed > last), NEVER, completed),
        }
    ]
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    takes = np.random.default_rng(stream(dice, "rep updates")).random((REP_COUNT, 1200, 3))
    place = months % 1200
    rep, at = np.nonzero((takes[:, place, 0] < 0.1) & (month_start(months) >= started[:, None]))
    day = month_start(months[at]) + (takes[rep, place[at], 1] * 28).astype(np.int64)
    fits = (day <= clock.as_of) & (day < ended[rep])
    rep, at, day = rep[fits], at[fits], day[fits]
    parts.append(
        {
            "number": 10_000 + rep * 1200 + place[at],
            "rep": rep,
            "module": np.full(len(rep), -1),
            "mode": (takes[rep, place[at], 2] * len(MODES)).astype(np.int64),
            "assigned": np.full(len(rep), NONE),
            "due": np.full(len(rep), NONE),
            "completed": day,
        }
    )
    both = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return take(both, both["assigned"] <= clock.as_of)


def stream(dice: Dice, purpose: str) -> int:
    """A seed of its own for draws that are no rows of customers."""
    return int(dice.uniform(purpose)[0] * 2**40)


def draw_tests(dice: Dice, modules: Frame, started: Ints, ended: Ints, clock: Clock) -> Frame:
    """A test a month after the last module and once a year from then on; who fails tries again two months later."""
    done = np.zeros(REP_COUNT, dtype=np.int64)
    required = take(modules, modules["module"] >= 0)
    np.maximum.at(
        done, required["rep"], np.where(required["completed"] == NEVER, NONE, required["completed"])
    )
    skill = dice.uniform("rep skill")
    draw = np.random.default_rng(stream(dice, "rep tests")).random((REP_COUNT, 100))
    rows: list[tuple[int, int, int]] = []
    for rep in np.nonzero(done > 0)[0].tolist():
        month, turn = int(split_day(np.array([done[rep]]))[0][0]) + 1, 0
        while (day := int(month_start(np.array([month]))[0]) + 9) < min(int(ended[rep]), clock.as_of + 1):
            score = int(58 + 22 * skill[rep] + 30 * draw[rep, turn % 100])
            rows.append((rep, day, min(score, 100)))
            # Some let their yearly test slip for months.
            month += (12 if draw[rep, (turn + 50) % 100] < 0.6 else 17) if score >= 80 else 2
            turn += 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return {
        "number": np.arange(len(table), dtype=np.int64),
        "rep": table[:, 0],
        "day": table[:, 1],
        "score": table[:, 2],
        "is_passed": (table[:, 2] >= 80).astype(np.int64),
    }


def draw_quotas(dice: Dice, started: Ints, ended: Ints, party: Ints, clock: Clock) -> Frame:
    """Two of three reps have a goal for services; pay for services grows with the years."""
    own = dice.uniform("rep quotas", 2)
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    there = (started[:, None] <= month_start(months)) & (ended[:, None] > month_start(months))
    rep, at = np.nonzero(there & (party[:, None] == 0))
    has = own[rep, 0] < 0.7
    year = (months[at] - 12 * 2020) // 12
    return {
        "number": rep * 1200 + months[at] % 1200,
        "rep": rep,
        "month": months[at],
        "quota": np.where(has, QUOTA + 50 * (own[rep, 1] * 20).astype(np.int64), 0),
        "service_pay": np.where(has, 600 + 60 * year, 0),
        "product_pay": 3000 + 100 * (own[rep, 1] * 10).astype(np.int64),
    }


def draw_views(dice: Dice, started: Ints, ended: Ints, clock: Clock) -> Frame:
    """Looks into the catalogue: most reps now and then."""
    keen = dice.uniform("rep views")
    months = np.arange(clock.first_month, clock.first_month + clock.months, dtype=np.int64)
    draw = np.random.default_rng(stream(dice, "rep view months")).random((REP_COUNT, 1200, 2))
    place = months % 1200
    rep, at = np.nonzero(
        (draw[:, place, 0] < 0.5 * keen[:, None]) & (month_start(months) >= started[:, None])
    )
    day = month_start(months[at]) + (draw[rep, place[at], 1] * 28).astype(np.int64)
    fits = (day <= clock.as_of) & (day < ended[rep])
    return {"number": (rep * 1200 + place[at])[fits], "rep": rep[fits], "day": day[fits]}


def write_reps(templates: CsvFiles, reps: Reps) -> None:
    """Write reps, their modules and tests, quotas, and looks into the catalogue."""
    rep = np.arange(REP_COUNT, dtype=np.int64)
    templates.write(
        "reps",
        {
            "rep_id": text_ids("005DM", rep, 10, "AAA"),
            "party": labels(PARTIES, reps.party),
            "sells_services": booleans(rep >= 0),
            "region": labels(REGIONS, reps.region),
            "started_date": dates(reps.started),
            "ended_date": dates(reps.ended),
        },
    )
    rows = reps.modules
    templates.write(
        "rep_modules",
        {
            "assignment_id": text_ids("RM", rows["number"], 8),
            "rep_id": text_ids("005DM", rows["rep"], 10, "AAA"),
            "module": labels(
                [*(name for name, _, _ in MODULES), UPDATE], rows["module"] % (len(MODULES) + 1)
            ),
            "topic": labels(
                [*(topic for _, topic, _ in MODULES), "updates"], rows["module"] % (len(MODULES) + 1)
            ),
            "mode": labels(MODES, rows["mode"]),
            "assigned_date": dates(rows["assigned"]),
            "due_date": dates(rows["due"]),
            "completed_date": dates(rows["completed"]),
            "is_required": booleans(rows["module"] >= 0),
        },
    )
    rows = reps.tests
    templates.write(
        "rep_tests",
        {
            "test_id": text_ids("RT", rows["number"], 8),
            "rep_id": text_ids("005DM", rows["rep"], 10, "AAA"),
            "tested_date": dates(rows["day"]),
            "is_passed": booleans(rows["is_passed"]),
            "score": numbers(rows["score"]),
        },
    )
    rows = reps.quotas
    templates.write(
        "rep_quotas",
        {
            "quota_id": text_ids("RQ", rows["number"], 8),
            "rep_id": text_ids("005DM", rows["rep"], 10, "AAA"),
            "period_month": dates(month_start(rows["month"])),
            "service_quota_amount": numbers(np.where(rows["quota"] > 0, rows["quota"], NONE)),
            "service_pay_amount": decimals(rows["service_pay"] * 100, 2),
            "product_pay_amount": decimals(rows["product_pay"] * 100, 2),
            "currency": constant("USD", size(rows)),
        },
    )
    rows = reps.views
    templates.write(
        "catalog_views",
        {
            "view_id": text_ids("CV", rows["number"], 8),
            "rep_id": text_ids("005DM", rows["rep"], 10, "AAA"),
            "viewed_date": dates(rows["day"]),
        },
    )


def write_reps_ledger(files: ParquetFiles, reps: Reps, clock: Clock) -> None:
    """Write what is true of each active rep at each month-end."""
    rows = reps.modules
    required = take(rows, rows["module"] >= 0)
    for end in clock.month_ends.tolist():
        rep = np.nonzero(reps.is_active(end))[0].astype(np.int64)
        year = int(year_before(np.array([end]))[0])
        # Twelve months back from a month-end is a month-end.
        year = int(month_start(np.array([split_day(np.array([year + 5]))[0][0]]))[0]) - 1
        due = take(required, required["due"] <= end)
        recent = take(rows, (rows["completed"] <= end) & (rows["completed"] > end - 180))
        tests = take(reps.tests, (reps.tests["day"] <= end) & (reps.tests["day"] > year))
        views = take(reps.views, (reps.views["day"] <= end) & (reps.views["day"] > end - 90))
        assigned = take(required, required["assigned"] <= end)

        def count(frame: Frame, of: Ints = rep) -> Ints:
            return np.asarray(np.bincount(frame["rep"], minlength=REP_COUNT)[of])

        files.write(
            "rep_months",
            {
                "rep_id": text_ids("005DM", rep, 10, "AAA"),
                "month_end": dates(np.full(len(rep), end)),
                "has_curriculum": booleans(count(assigned) > 0),
                "due_module_count": numbers(count(due)),
                "completed_module_count": numbers(count(take(due, due["completed"] <= end))),
                "is_tested": booleans(count(tests) > 0),
                "is_qualified": booleans(reps.is_qualified(rep, np.full(len(rep), end))),
                "has_catalog_view": booleans(count(views) > 0),
                **{
                    f"is_trained_{mode}": booleans(count(take(recent, recent["mode"] == code)) > 0)
                    for code, mode in enumerate(MODES)
                },
            },
        )
