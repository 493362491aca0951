"""Days and months as integers.

A day is the number of days since 1970-01-01, a month is ``12 * year + month - 1``. Every contract of the demo
starts on day 1 to 28 of a month, so adding months never has to shorten a date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = 10**6
"""Day number that stands for an open end."""
NONE = -(10**6)
"""Day number (or count) that stands for an unknown value."""
LAST_MONTH = 12 * 2026 + 9
"""The last month of every simulation: October 2026."""


def month_start(month: Ints) -> Ints:
    """First day of each month, as a day number."""
    return np.asarray((np.asarray(month) - 12 * 1970).astype("M8[M]").astype("M8[D]").astype(np.int64))


def day_of(month: Ints, dom: Ints) -> Ints:
    """Day number of day-of-month ``dom`` (1 to 28) in each month."""
    return month_start(month) + dom - 1


def split_day(day: Ints) -> tuple[Ints, Ints]:
    """Month and day of month of each day; a day of month beyond 28 becomes the 1st of the next month."""
    month = np.asarray(np.asarray(day).astype("M8[D]").astype("M8[M]").astype(np.int64)) + 12 * 1970
    dom = day - month_start(month) + 1
    late = dom > 28
    return np.where(late, month + 1, month), np.where(late, 1, dom)


@dataclass(frozen=True)
class Clock:
    """The simulated span: ``months`` whole months that end with :data:`LAST_MONTH`."""

    months: int

    @property
    def first_month(self) -> int:
        """Month number of the first simulated month."""
        return LAST_MONTH - self.months + 1

    @property
    def month_ends(self) -> Ints:
        """Last day of each simulated month."""
        return month_start(np.arange(self.first_month, LAST_MONTH + 1, dtype=np.int64) + 1) - 1

    @property
    def as_of(self) -> int:
        """Last simulated day, the newest day any export has recorded."""
        return int(self.month_ends[-1])
