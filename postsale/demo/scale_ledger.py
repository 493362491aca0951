"""The truth about what takes demand off agents: deflection, prevention, automation, growth; from the simulated state, without any SQL."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from postsale.demo.cases import CAUSES, DAY, FIX_MONTHS
from postsale.demo.clock import NEVER, NONE, Clock, Flags, Ints
from postsale.demo.frames import Frame, ParquetFiles, dates
from postsale.demo.support_ledger import agent_touches, system_touches

COUNTS = (
    "visits", "entitled", "answered", "found", "intent_answered", "intended", "end_answered", "resolved",
    "assisted", "automated", "active", "closed_assisted", "timed", "seconds", "caused", "recurring", "system_steps", "agent_steps",
)  # fmt: skip
GRAINS = {"month": 1, "quarter": 3, "year": 12, "t12m": 12}


def month_of(seconds: Ints) -> Ints:
    """Month number of moments."""
    days = np.asarray(seconds // DAY).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return np.asarray(days + 12 * 1970)


@dataclass
class ScaleTotals:
    """Sums by month over all blocks, and the days on which each cause came up."""

    clock: Clock
    counts: dict[str, Ints] = field(default_factory=dict)
    causes: Ints = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    days: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.counts = {name: np.zeros(self.clock.months, dtype=np.int64) for name in COUNTS}
        self.causes = np.zeros((len(CAUSES), self.clock.months), dtype=np.int64)

    def add(self, name: str, months: Ints, chosen: Flags, amounts: Ints | int = 1) -> None:
        """Count the chosen rows in their months."""
        np.add.at(
            self.counts[name],
            months[chosen] - self.clock.first_month,
            amounts if isinstance(amounts, int) else amounts[chosen],
        )

    def add_block(self, cases: Frame, sessions: Frame) -> None:
        """Add one block: what was asked, what was looked up."""
        self.add_visits(sessions)
        in_scope = cases["exclusion"] == 0
        opened, is_closed = month_of(cases["created"]), in_scope & (cases["final"] != NONE)
        closed = month_of(np.where(is_closed, cases["final"], cases["created"]))
        by_machine = is_closed & (cases["automated"] == 1)
        by_agent = is_closed & (cases["automated"] == 0)
        self.add("assisted", opened, in_scope & ~by_machine)
        self.add("automated", closed, by_machine)
        self.add("closed_assisted", closed, by_agent)
        timed = by_agent & (cases["seconds"] != NONE)
        self.add("timed", closed, timed)
        self.add("seconds", closed, timed, cases["seconds"])
        self.add("system_steps", closed, is_closed, system_touches(cases, self.clock))
        self.add("agent_steps", closed, is_closed, agent_touches(cases, self.clock))
        has_cause = in_scope & (cases["cause"] >= 0) & (cases["solved"] != NONE)
        np.add.at(self.causes, (cases["cause"][has_cause], opened[has_cause] - self.clock.first_month), 1)
        for cause, created in zip(
            cases["cause"][has_cause].tolist(), cases["created"][has_cause].tolist(), strict=True
        ):
            self.days[cause].append(created // DAY)

    def add_visits(self, sessions: Frame) -> None:
        """Count visits and their answers, each among those that gave the ones before it."""
        month = month_of(sessions["started"])
        everyone = np.ones(len(month), dtype=bool)
        found, intended, done = (sessions[name] == 1 for name in ("found", "intended", "done"))
        self.add("visits", month, everyone)
        self.add("entitled", month, sessions["entitled"] == 1)
        self.add("answered", month, sessions["found"] != NONE)
        self.add("found", month, found)
        self.add("intent_answered", month, found & (sessions["intended"] != NONE))
        self.add("intended", month, found & intended)
        self.add("end_answered", month, found & intended & (sessions["done"] != NONE))
        self.add("resolved", month, found & intended & done)

    def count_recurring(self) -> None:
        """Count cases with a cause, and those whose cause had come up three times in the twelve months before their day."""
        for days in self.days.values():
            days.sort()
            for day in days:
                date = np.datetime64(day, "D")
                month = date.astype("M8[M]")
                length = int(
                    (month - 11).astype("M8[D]").astype(np.int64)
                    - (month - 12).astype("M8[D]").astype(np.int64)
                )
                ordinal = min(int((date - month.astype("M8[D]")).astype(np.int64)), length - 1)
                a_year_ago = int((month - 12).astype("M8[D]").astype(np.int64)) + ordinal
                at = int(month.astype(np.int64)) + 12 * 1970 - self.clock.first_month
                self.counts["caused"][at] += 1
                self.counts["recurring"][at] += bisect_left(days, day) - bisect_left(days, a_year_ago) >= 3


def write_scale_ledger(files: ParquetFiles, totals: ScaleTotals, active: Ints) -> None:
    """Write the truth of every whole period of every grain, and of every cause with a fix; ``active`` counts customers by month."""
    clock = totals.clock
    totals.counts["active"] = active
    totals.count_recurring()
    rows: dict[str, list[object]] = defaultdict(list)
    for grain, length in GRAINS.items():
        for last in range(length - 1, clock.months):
            month = clock.first_month + last
            if (grain == "quarter" and month % 3 != 2) or (grain == "year" and month % 12 != 11):
                continue
            span = slice(last + 1 - length, last + 1)
            sums = {name: int(values[span].sum()) for name, values in totals.counts.items()}
            year = {
                name: int(values[max(0, last - 11) : last + 1].sum())
                for name, values in totals.counts.items()
            }
            rows["period_grain"].append(grain)
            rows["period_end"].append(int(clock.month_ends[last]))
            for name in COUNTS:
                rows[name].append(sums[name])
            success = sums["found"] / sums["answered"] if sums["answered"] else None
            deflected: float | None = None
            if success is not None:
                intent = sums["intended"] / sums["intent_answered"] if sums["intent_answered"] else None
                end = sums["resolved"] / sums["end_answered"] if sums["end_answered"] else None
                if success == 0 or intent == 0:
                    deflected = 0.0
                elif intent is not None and end is not None:
                    deflected = sums["entitled"] * success * intent * end
            hours = year["seconds"] // 60 / year["timed"] / 60 if year["timed"] else None
            rows["deflected"].append(deflected)
            rows["successful"].append(None if success is None else sums["visits"] * success)
            freed: float | None = None
            if deflected is not None and hours is not None:
                freed = (deflected + sums["automated"]) * hours
            rows["hours_freed"].append(freed)
            gap: float | None = None
            if last + 1 - length >= 12:
                before = {
                    name: int(values[span.start - 12 : span.stop - 12].sum())
                    for name, values in totals.counts.items()
                }
                if before["assisted"] and before["active"]:
                    gap = sums["assisted"] / before["assisted"] - sums["active"] / before["active"]
            rows["gap"].append(gap)
    prevented: list[tuple[str, int, float]] = []
    for cause in np.nonzero(FIX_MONTHS < NEVER)[0].tolist():
        fix = int(FIX_MONTHS[cause]) - clock.first_month
        if fix < 3:
            continue
        base = int(totals.counts["active"][fix - 3 : fix].sum())
        if not base:
            continue
        rate = int(totals.causes[cause, fix - 3 : fix].sum()) / base
        for at in range(fix, min(fix + 12, clock.months)):
            expected = rate * int(totals.counts["active"][at])
            prevented.append(
                (CAUSES[cause], int(clock.month_ends[at]), expected - int(totals.causes[cause, at]))
            )
    files.write(
        "prevented_cases",
        {
            "cause": pa.array([row[0] for row in prevented], pa.string()),
            "month_end": dates(np.array([row[1] for row in prevented], dtype=np.int64)),
            "prevented": pa.array([row[2] for row in prevented], pa.float64()),
        },
    )
    files.write(
        "demand",
        {
            name: dates(np.array(values, dtype=np.int64)) if name == "period_end" else pa.array(values)
            for name, values in rows.items()
        },
    )
