"""How long a build takes and how much memory, against the floor and against peers, all from one run: ``make bench``.

Every figure is a run of its own process: wall seconds, processor seconds and peak memory as the operating system counts them.
Absolute times say little about another machine; the ratios and the growth exponents do.

floor       the statements of that very build (seeds, models, tests), in the order in which they ran, in one bare DuckDB process
exponent    log(time ratio) / log(size ratio) from one size to the next: 1 is proportional
peers       the customer × month MRR change classification, from the same contract lines: the idea of dbt-labs' public
            mrr-playbook as plain SQL, and pandas as an analyst would write it; both must give the warehouse's own answer
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
#: Revenue alone: product use has a benchmark of its own (benchmarks/usage.py).
SYSTEMS = "salesforce stripe zuora templates"
#: Revenue; what is used has a benchmark of its own, `benchmarks.usage`.
SYSTEMS = "salesforce stripe zuora templates"


@dataclass(frozen=True)
class Cost:
    """What one process took: wall seconds, processor seconds, peak memory in bytes, and what it printed last (JSON)."""

    wall: float
    processor: float
    memory: int
    answer: dict[str, Any]


def measured(arguments: Sequence[str], log: Path, **environment: str) -> Cost:
    """Runs a process to its end and measures it with all its children. Raises ``SystemExit`` with its output if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    probe = [PYTHON, "-m", "benchmarks.probe", str(log), *arguments]
    result = subprocess.run(
        probe, cwd=PROJECT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)}\n{log.read_text()[-3000:]}\n{result.stderr[-3000:]}")
    figures = json.loads(result.stdout)
    last = (log.read_text().strip().splitlines() or [""])[-1]
    answer = json.loads(last) if last.startswith("{") else {}
    return Cost(figures["wall"], figures["processor"], figures["memory"], answer)


@dataclass(frozen=True)
class Size:
    """All costs at one size."""

    customers: int
    months: int
    landing: Cost
    build: Cost
    floor: Cost
    sql: Cost
    pandas: Cost


def run(customers: int, months: int, folder: Path) -> Size:
    """Writes a demo company (once), lands, builds and measures it."""
    raw, out, logs = folder / "raw", folder / "out", folder / "logs"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        say(f"{customers:,} customers × {months} months: writing exports")
        measured(
            [
                PYTHON, "-m", "postsale.cli", "demo", "--raw", str(raw), "--customers", str(customers), "--months", str(months),
                "--systems", SYSTEMS,
            ],
            logs / "demo.log",
        )  # fmt: skip
        (folder / "ready").touch()
    shutil.rmtree(out, ignore_errors=True)
    say(f"{customers:,} customers × {months} months: landing")
    landing = measured(
        [PYTHON, "-m", "postsale.cli", "land", "--raw", str(raw), "--out", str(out), "--systems", SYSTEMS],
        logs / "land.log",
    )
    say(f"{customers:,} customers × {months} months: build")
    build = measured(
        [PYTHON, "-m", "postsale.cli", "build", "--out", str(out), "--systems", SYSTEMS], logs / "build.log"
    )
    say(f"{customers:,} customers × {months} months: floor")
    floor = measured([PYTHON, "-m", "benchmarks.floor", str(out)], logs / "floor.log")
    say(f"{customers:,} customers × {months} months: peers")
    sql = measured([PYTHON, "-m", "benchmarks.peers", "sql", str(out)], logs / "sql.log")
    pandas = measured([PYTHON, "-m", "benchmarks.peers", "pandas", str(out)], logs / "pandas.log")
    return Size(customers, months, landing, build, floor, sql, pandas)


def exponent(small: Size, large: Size, part: str) -> float:
    """Growth of processor time with the number of customer-months."""
    before, after = getattr(small, part).processor, getattr(large, part).processor
    scale = (large.customers * large.months) / (small.customers * small.months)
    return math.log(after / before) / math.log(scale)


def report(sizes: Sequence[Size]) -> str:
    """The tables of all figures."""
    costs = [
        (
            f"{size.customers:,} × {size.months}",
            f"{size.landing.wall:.1f}",
            f"{size.build.wall:.1f}",
            f"{size.floor.wall:.1f}",
            f"{size.build.wall / size.floor.wall:.2f}",
            f"{size.build.processor:.1f}",
            f"{size.floor.processor:.1f}",
            f"{max(1 - size.floor.processor / size.build.processor, 0):.0%}",
            f"{size.build.memory / 2**30:.2f}",
            f"{size.floor.memory / 2**30:.2f}",
        )
        for size in sizes
    ]
    growth = [
        (
            f"{small.customers:,} → {large.customers:,}",
            *(f"{exponent(small, large, part):.2f}" for part in ("landing", "build", "floor")),
        )
        for small, large in pairwise(sizes)
    ]
    answers = []
    for size in sizes:
        own, sql, frame = size.floor.answer, size.sql.answer, size.pandas.answer
        ways = (
            ("Postsale", own["answer_seconds"], own["answer_rows"], 0),
            ("plain SQL", sql["seconds"], sql["rows"], sql["unequal"]),
            ("pandas", frame["seconds"], frame["rows"], frame["unequal"]),
        )
        answers += [
            (
                f"{size.customers:,} × {size.months}",
                way,
                f"{seconds:.2f}",
                f"{rows:,}",
                f"{rows / seconds:,.0f}",
                f"{unequal:,}",
            )
            for way, seconds, rows, unequal in ways
        ]
    slowest = [(f"{row['seconds']:.2f}", row["name"]) for row in sizes[-1].floor.answer["slowest"]]
    return "\n".join(
        [
            *table(
                "Cost (seconds of wall and of processor time, GB at the peak)",
                (
                    "customers × months", "landing", "build", "floor", "build/floor", "build cpu", "floor cpu", "dbt's share",
                    "build GB", "floor GB",
                ),
                costs,
            ),
            *table("Growth exponents of processor time", ("customers", "landing", "build", "floor"), growth),
            *table(
                "From the same contract lines to the movement of every customer in every month; Postsale's statements also make"
                " the windows of 3 and 12 months, product families, products and drivers",
                ("customers × months", "way", "seconds", "rows made", "rows a second", "unequal to Postsale"),
                answers,
            ),
            *table("Slowest statements of the floor at the largest size (processor seconds)", ("seconds", "statement"), slowest),
        ]
    )  # fmt: skip


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table under a title, columns aligned to the right."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    return [
        "",
        title,
        *(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in (header, *rows)
        ),
    ]


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes",
        default="1000,10000",
        help="numbers of customers, e.g. 1000,10000,100000 (default: 1000,10000)",
    )
    parser.add_argument("--months", type=int, default=60, help="months of history (default: 60)")
    parser.add_argument(
        "--folder",
        type=Path,
        default=PROJECT / "out" / "bench",
        help="where exports and builds are kept (default: out/bench)",
    )
    options = parser.parse_args()
    sizes = [
        run(int(customers), options.months, (options.folder / f"{customers}x{options.months}").resolve())
        for customers in options.sizes.split(",")
    ]
    print(report(sizes))


if __name__ == "__main__":
    main()
