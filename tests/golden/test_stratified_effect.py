"""The estimator of effects (clarifications B13): a known answer, an oracle in Python, and what is no evidence."""

from __future__ import annotations

import math
import os
import random
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import harness
from tests.golden.warehouse import six

Z = 1.959964
MIN_N = 10

STATEMENTS = """
with {{ stratified_effect('subjects', ['subject_group']) }}
select *, {{ effect_verdict("'down'") }} as verdict, {{ effect_verdict("'up'") }} as verdict_up,
    {{ effect_verdict("'down'", has_placebo='false') }} as verdict_of_level
from effects
-- next
with {{ stratified_effect('subjects', ['subject_group'], periods='periods') }}
select *, {{ effect_verdict("'down'") }} as verdict from effects
"""


@dataclass(frozen=True)
class Subject:
    """One row of the estimator's input."""

    name: str
    stratum: str
    is_treated: bool
    outcome: float | None
    post: float | None = None
    placebo: float | None = None
    group: str = "all"
    month: int = 0


Estimate = dict[str, Any]
Estimator = Callable[[Iterable[Subject]], dict[str, Estimate]]


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The macro as dbt compiles it: for one pool, and for pools of months."""
    folder = tmp_path_factory.mktemp("inline")
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "compile", "--quiet", "--no-introspect", "--no-populate-cache",
            "--inline", STATEMENTS, "--target-path", str(folder), "--log-path", str(folder / "logs"),
            "--project-dir", str(harness.PROJECT), "--profiles-dir", str(harness.PROJECT),
        ],
        capture_output=True, text=True, check=False,
        env={**os.environ, "POSTSALE_OUT": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    first, second = result.stdout.split("-- next")
    return first, second


def _loaded(subjects: Iterable[Subject]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        "create table subjects (subject_id text, stratum text, is_treated boolean, outcome double, post_outcome double,"
        " placebo_outcome double, subject_group text, month_number integer)"
    )
    connection.executemany(
        "insert into subjects values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(s.name, s.stratum, s.is_treated, s.outcome, s.post, s.placebo, s.group, s.month) for s in subjects],
    )
    return connection


def _estimates(cursor: duckdb.DuckDBPyConnection) -> list[Estimate]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def estimate(statements: tuple[str, str]) -> Estimator:
    def of(subjects: Iterable[Subject]) -> dict[str, Estimate]:
        with _loaded(subjects) as connection:
            return {row["subject_group"]: row for row in _estimates(connection.execute(statements[0]))}

    return of


def subjects_of(
    treated: Iterable[float | None], controls: Iterable[float | None], stratum: str = "s", **columns: Any
) -> list[Subject]:
    """Subjects of one stratum with these outcomes, and a flat time before unless told otherwise."""
    columns = {"placebo": 0.0, **columns}
    return [
        Subject(f"{stratum}{side}{number}", stratum, side == "t", outcome, post=outcome, **columns)
        for side, outcomes in (("t", treated), ("c", controls))
        for number, outcome in enumerate(outcomes)
    ]


def by_the_rules(subjects: list[Subject], min_n: int = MIN_N, side: str = "down") -> Estimate:
    """Clarifications B13.4 and B13.5 for one pool, in floats over rows."""

    def interval(
        outcome: Callable[[Subject], float | None],
    ) -> tuple[int, float | None, float | None, float | None]:
        strata: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for subject in subjects:
            value = outcome(subject)
            if value is not None:
                strata[subject.stratum][0 if subject.is_treated else 1].append(value)
        matched = [(t, c) for t, c in strata.values() if t and c]
        gains = [value - statistics.fmean(c) for t, c in matched for value in t]
        if not gains:
            return 0, None, None, None
        mean, n = statistics.fmean(gains), len(gains)
        freedom = sum(len(c) - 1 for _, c in matched)
        if n < 2 or freedom == 0:
            return n, mean, None, None
        pooled = sum((value - statistics.fmean(c)) ** 2 for _, c in matched for value in c) / freedom
        error = math.sqrt(
            statistics.variance(gains) / n + pooled * sum((len(t) / n) ** 2 / len(c) for t, c in matched)
        )
        return n, mean, mean - Z * error, mean + Z * error

    n, effect, low, high = interval(lambda subject: subject.outcome)
    _, placebo, placebo_low, placebo_high = interval(lambda subject: subject.placebo)
    usable = {s.stratum for s in subjects if s.is_treated and s.outcome is not None}
    controls = {
        s.name for s in subjects if not s.is_treated and s.outcome is not None and s.stratum in usable
    }
    posts = {
        side: [s.post for s in subjects if s.is_treated is side and s.post is not None]
        for side in (True, False)
    }
    all_treated = sum(subject.is_treated for subject in subjects)
    is_enough = n >= min_n and len(controls) >= min_n and low is not None and 2 * n >= all_treated
    is_calm = placebo_low is not None and placebo_high is not None and placebo_low <= 0 <= placebo_high
    return {
        "n_treated_all": all_treated,
        "n_treated": n,
        "n_control": len(controls),
        "coverage": n / all_treated if all_treated else None,
        "raw_gap": statistics.fmean(posts[True]) - statistics.fmean(posts[False])
        if posts[True] and posts[False]
        else None,
        "effect": effect,
        "ci_low": low,
        "ci_high": high,
        "placebo_effect": placebo,
        "placebo_ci_low": placebo_low,
        "placebo_ci_high": placebo_high,
        "verdict": "insufficient_evidence"
        if not is_enough
        else "supported"
        if low is not None and high is not None and is_calm and (high < 0 if side == "down" else low > 0)
        else "not_supported",
    }


def assert_equal(found: Estimate, expected: Estimate) -> None:
    for name, value in expected.items():
        if isinstance(value, float):
            assert float(found[name]) == pytest.approx(value, abs=2e-6), name
        else:
            assert found[name] == value, name


def test_support_demand_falls_by_what_the_controls_did_not(estimate: Estimator) -> None:
    """G23: cases a user of 20 treated fall from 0.50 to 0.30, of 40 controls from 0.48 to 0.44."""
    treated, controls = [-0.10] * 10 + [-0.30] * 10, [0.06] * 20 + [-0.14] * 20
    rows = [
        Subject(s.name, s.stratum, s.is_treated, s.outcome, post=0.30 if s.is_treated else 0.44, placebo=0.0)
        for s in subjects_of(treated, controls)
    ]
    found = estimate(rows)["all"]
    assert (found["raw_gap"], found["effect"]) == (six("-0.14"), six("-0.16"))
    assert (found["ci_low"], found["ci_high"]) == (six("-0.214834"), six("-0.105166"))
    assert (found["n_treated"], found["n_control"], found["coverage"], found["verdict"]) == (
        20,
        40,
        1,
        "supported",
    )
    # The same numbers are none for who expected a rise; and none if the time before was no better.
    assert found["verdict_up"] == "not_supported"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(subjects_of([-1, -2] * 5, [0, 1] * 5), ("supported", "supported"), id="just enough"),
        pytest.param(subjects_of([-1] * 9, [0, 1] * 5), ("insufficient_evidence",) * 2, id="nine treated"),
        pytest.param(subjects_of([-1] * 10, [0, 1, 0] * 3), ("insufficient_evidence",) * 2, id="nine controls"),
        pytest.param(
            [s for n in range(12) for s in subjects_of([-1.0 - n], [float(n)], stratum=f"s{n}")],
            ("insufficient_evidence",) * 2,
            id="one control a stratum: nobody knows how controls vary",
        ),
        pytest.param(
            subjects_of([-1, -2] * 5, [0, 1] * 5) + subjects_of([-1] * 10, [], stratum="alone"),
            ("supported", "supported"),
            id="half of the treated have controls",
        ),
        pytest.param(
            subjects_of([-1, -2] * 5, [0, 1] * 5) + subjects_of([-1] * 11, [], stratum="alone"),
            ("insufficient_evidence",) * 2,
            id="fewer than half have",
        ),
        pytest.param(
            subjects_of([-1, -2] * 5 + [None] * 11, [0, 1] * 5), ("insufficient_evidence",) * 2, id="of most, nothing is known"
        ),
        pytest.param(subjects_of([0, 1] * 5, [0, 1] * 5), ("not_supported", "not_supported"), id="no difference"),
        pytest.param(
            subjects_of([-1, -2] * 5, [0, 1] * 5, placebo=None), ("not_supported", "supported"), id="no time before"
        ),
    ],
)  # fmt: skip
def test_what_is_evidence(estimate: Estimator, rows: list[Subject], expected: tuple[str, str]) -> None:
    found = estimate(rows)["all"]
    assert (found["verdict"], found["verdict_of_level"]) == expected
    assert_equal(found, by_the_rules(rows))


def test_a_difference_that_was_there_before_is_not_the_treatments(estimate: Estimator) -> None:
    rows = subjects_of([-1, -2] * 10, [0, 1] * 10)
    rows = [
        Subject(
            s.name,
            s.stratum,
            s.is_treated,
            s.outcome,
            s.post,
            placebo=(s.outcome or 0) / 2 if s.is_treated else s.outcome,
        )
        for s in rows
    ]
    found = estimate(rows)["all"]
    assert found["placebo_ci_high"] < 0
    assert (found["verdict"], found["verdict_of_level"]) == ("not_supported", "supported")


def random_subjects(seed: int, months: Iterable[int] = (0,)) -> list[Subject]:
    """Subjects who stand in a stratum each month, treated in one of them or never; some outcomes are unknown."""
    dice = random.Random(seed)
    rows = []
    for number in range(400):
        group = dice.choice(("a", "a", "b"))
        home = dice.randrange(12)
        treated_in = dice.choice([None, None, *months])
        for month in months:
            if treated_in is not None and month != treated_in and dice.random() < 0.5:
                continue
            is_treated = month == treated_in and home != 3  # a stratum without treated
            if home == 4 and not is_treated:  # and one without controls
                continue
            shift = -0.2 if is_treated else 0.0
            outcome = None if dice.random() < 0.05 else round(dice.gauss(0.02 * home + shift, 0.2), 6)
            placebo = None if dice.random() < 0.3 else round(dice.gauss(0, 0.2), 6)
            post = None if outcome is None else round(dice.uniform(0, 1), 6)
            rows.append(
                Subject(f"C{number}", f"{month}|{home}", is_treated, outcome, post, placebo, group, month)
            )
    dice.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_random_strata_give_what_python_gives(estimate: Estimator, seed: int) -> None:
    rows = random_subjects(seed)
    found = estimate(rows)
    assert set(found) == {"a", "b"}
    for group, row in found.items():
        assert_equal(row, by_the_rules([subject for subject in rows if subject.group == group]))


def test_pools_of_months_are_those_of_their_rows(statements: tuple[str, str]) -> None:
    rows = random_subjects(7, months=range(1, 19))
    with _loaded(rows) as connection:
        connection.execute(
            "create table periods as select 't12m' as period_grain, date '2024-01-31' + to_months(cast(n as integer)) as period_end,"
            " false as is_provisional, cast(n - 12 as integer) as opening_month_number, cast(n as integer) as closing_month_number"
            " from range(1, 20) as months (n)"
        )
        found = _estimates(connection.execute(statements[1]))
    assert len(found) == 2 * 19
    for row in found:
        closing = (row["period_end"].year - 2024) * 12 + row["period_end"].month - 1
        pool = [s for s in rows if s.group == row["subject_group"] and closing - 12 < s.month <= closing]
        assert_equal(row, by_the_rules(pool))
