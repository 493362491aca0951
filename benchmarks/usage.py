"""What the roll-up of events costs: ``python -m benchmarks.usage --events 100000000``, and a part of ``make bench``.

Events of a year land as monthly drops, then one more day comes: most of it new, one event in a hundred repeated, corrected,
moved or late. Every figure is a run of its own process, as in ``benchmarks.bench``.

full roll-up    landed events to ``int_usage_days``: seeds and all models it needs, through dbt, over nothing
one more day    the same again after the day has landed, over what the first run left
floor           one bare DuckDB that scans the same landed files and aggregates them by the same columns; it casts, but judges
                nothing: no repeats found, no bad row told apart
statements      those of the full roll-up, in the order in which they ran, in one bare DuckDB: what dbt itself takes is the rest

Exports are Parquet, as warehouses unload events: landed as CSV, a hundred million events are ten gigabytes of text to be split.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.bench import PROJECT, PYTHON, Cost, measured, say, table
from tests.harness import statement_of

DAYS = 365
EVENTS_A_VISIT = 10
FIRST_DAY = "2025-01-01"
NEXT_DAY = "2026-01-01"
MODEL = "int_usage_days"
#: Models that read every event, or every row of the roll-up.
LARGE = (
    "base_templates__product_events",
    "int_use_states__templates",
    "int_usage_days__templates",
    "int_recorded_days",
)

#: One event, told by its number alone: the same number gives the same event.
EVENT = """
    printf('%x-%x', hash(i), i) as event_id,
    concat('account-', hash(i // 10) % {accounts}) as account_id,
    concat('user-', hash(i // 10) % {users}, '@example.com') as user_id,
    concat('product-', hash(i // 10) % 3) as product_id,
    concat('feature-', hash(i // 5) % 30) as feature_id,
    strftime(timestamp '{first_day}' + to_seconds(cast(i * 86400.0 * {days} / {events} as bigint)), '%Y-%m-%d %H:%M:%S') as occurred_at,
    1 as event_count
"""


def write_events(raw: Path, events: int) -> None:
    """Raw Parquet files, a drop a month."""
    folder = raw / "templates" / "product_events"
    folder.mkdir(parents=True)
    event = event_sql(events)
    with duckdb.connect(
        config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(raw / "tmp")}
    ) as connection:
        for month in range(12):
            first, last = events * month // 12, events * (month + 1) // 12
            drop = connection.execute(f"select last_day(date '{FIRST_DAY}' + to_months({month}))").fetchall()[
                0
            ][0]
            connection.execute(
                f"copy (select {event} from range({first}, {last}) as numbers (i)) to '{folder / f'{drop}.parquet'}'"
            )


def write_next_day(raw: Path, events: int) -> int:
    """The drop of the next day; returns the number of events that the whole company then has."""
    new = events // DAYS
    known = max(new // 300, 1)
    last = events - 1
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (
                select {event_sql(events)} from range({events}, {events + new}) as numbers (i)
                union all  -- told again
                select {event_sql(events)} from range({last - known}, {last}) as numbers (i)
                union all  -- corrected
                select * replace (2 as event_count)
                from (select {event_sql(events)} from range({last - 2 * known}, {last - known}) as numbers (i))
                union all  -- moved to the day before
                select * replace (strftime(cast(occurred_at as timestamp) - interval 1 day, '%Y-%m-%d %H:%M:%S') as occurred_at)
                from (select {event_sql(events)} from range({last - 3 * known}, {last - 2 * known}) as numbers (i))
            ) to '{raw / "templates" / "product_events" / f"{NEXT_DAY}.parquet"}'
        """)
    return events + new + known  # a corrected event counts twice


def event_sql(events: int) -> str:
    accounts = max(events // 5000, 10)
    return EVENT.format(accounts=accounts, users=accounts * 25, first_day=FIRST_DAY, days=DAYS, events=events)


def roll_up(out: Path, name: str) -> Cost:
    """dbt from landed files to the roll-up."""
    variables = yaml.safe_dump({"systems": ["templates"]}, default_flow_style=True).strip()
    return measured(
        [
            PYTHON, "-m", "postsale.run_dbt", "build", "--select", f"+{MODEL}", "--exclude-resource-type", "test", "--vars", variables,
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(out / "build" / "target"),
            "--log-path", str(out / "build" / "logs"),
        ],
        out.parent / "logs" / f"{name}.log",
        POSTSALE_OUT=str(out),
    )  # fmt: skip


def floor(out: Path) -> None:
    """One scan and one aggregation of what has landed, in this process."""
    database = out / "floor.duckdb"
    database.unlink(missing_ok=True)
    began = time.monotonic()
    with duckdb.connect(str(database), config=_options(out / "floor")) as connection:
        connection.execute(f"""
            create table usage_days as
            select
                account_id, user_id, product_id, feature_id, cast(cast(occurred_at as timestamp) as date) as usage_date,
                sum(cast(event_count as bigint)) as event_count
            from read_parquet('{out}/landed/templates/product_events/*.parquet', union_by_name = true)
            group by all
        """)
        rows = connection.execute("select count(*) from usage_days").fetchall()[0][0]
    database.unlink()
    print(json.dumps({"rows": rows, "seconds": time.monotonic() - began}))


def statements(out: Path) -> None:
    """The statements of the full roll-up alone, in this process; prints processor seconds by model."""
    target = out / "build" / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    ran = [result["unique_id"] for result in json.loads((target / "run_results.json").read_text())["results"]]
    nodes = {key: nodes[key] for key in ran if nodes.get(key, {}).get("resource_type") in ("model", "seed")}
    folder = out / "statements"
    folder.mkdir(exist_ok=True)
    seconds: dict[str, float] = {}
    with duckdb.connect(str(folder / "postsale.duckdb"), config=_options(folder)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for schema in sorted({node["schema"] for node in nodes.values()}):
            connection.execute(f'create schema if not exists "{schema}"')
        for node in nodes.values():
            statement = statement_of(node)
            began = time.process_time()
            connection.execute(
                f'create {statement.materialized} "{statement.schema}"."{statement.name}" as ({statement.sql}\n)'
            )
            seconds[statement.name] = time.process_time() - began
    shutil.rmtree(folder)
    print(json.dumps({"models": seconds}))


def _options(folder: Path) -> dict[str, Any]:
    """How a bare DuckDB is opened: as the build's own."""
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text())["postsale"]["outputs"]["duckdb"]
    return {
        "threads": profile["threads"],
        "memory_limit": "6GB",
        "temp_directory": str(folder / "tmp"),
        "preserve_insertion_order": False,
    }


def counted(out: Path) -> tuple[int, int, int]:
    """Rows and events of the roll-up, and records that its base model accounts for."""
    with duckdb.connect(str(out / "build" / "postsale.duckdb"), read_only=True) as connection:
        rows, events = connection.execute(
            f"select count(*), cast(sum(event_count) as bigint) from intermediate.{MODEL}"
        ).fetchall()[0]
        (records,) = connection.execute(
            "select cast(sum(_record_count) as bigint) from staging.base_templates__product_events"
        ).fetchall()[0]
    return int(rows), int(events), int(records)


def run(events: int, folder: Path, keep: bool) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """All figures of one size, and where the time of the full roll-up goes, as rows of two tables.

    Raises ``SystemExit`` if the roll-up lost or counted twice any event.
    """
    shutil.rmtree(folder, ignore_errors=True)
    raw, out, logs = folder / "raw", folder / "out", folder / "logs"
    land = [
        PYTHON,
        "-m",
        "postsale.cli",
        "land",
        "--raw",
        str(raw),
        "--out",
        str(out),
        "--systems",
        "templates",
    ]
    (out / "build").mkdir(parents=True)
    say(f"{events:,} events: writing exports")
    write_events(raw, events)
    say(f"{events:,} events: landing")
    landing = measured(land, logs / "land.log")
    say(f"{events:,} events: floor")
    bare = measured([PYTHON, "-m", "benchmarks.usage", "--floor", str(out)], logs / "floor.log")
    say(f"{events:,} events: full roll-up")
    full = roll_up(out, "full")
    rows, found, records = counted(out)
    check("full roll-up", found, events, records, events)
    say(f"{events:,} events: statements of the full roll-up")
    alone = measured([PYTHON, "-m", "benchmarks.usage", "--statements", str(out)], logs / "statements.log")
    say(f"{events:,} events: one more day")
    expected = write_next_day(raw, events)
    day_landing = measured(land, logs / "land_day.log")
    day = roll_up(out, "day")
    known = max(events // DAYS // 300, 1)
    check("one more day", *counted(out)[1:2], expected, counted(out)[2], events + events // DAYS + 3 * known)
    if not keep:
        shutil.rmtree(folder)

    def line(name: str, cost: Cost, of: Cost | None, per_event: int) -> tuple[str, ...]:
        return (
            f"{events:,}",
            name,
            f"{cost.wall:.1f}",
            f"{cost.processor:.1f}",
            f"{cost.memory / 2**30:.2f}",
            f"{per_event / cost.processor:,.0f}",
            f"{cost.processor / of.processor:.2f}" if of else "",
        )

    figures = [
        line("landing", landing, None, events),
        line("floor", bare, None, events),
        line(f"full roll-up ({rows:,} rows)", full, bare, events),
        line("its statements", alone, bare, events),
        line("landing one more day", day_landing, landing, events // DAYS),
        line("one more day", day, full, events // DAYS),
    ]
    spent: dict[str, float] = alone.answer["models"]
    parts = {name: spent.pop(name) for name in LARGE}
    parts["all other statements"] = sum(spent.values())
    parts["dbt"] = max(full.processor - alone.processor, 0)
    shares: list[tuple[str, ...]] = [
        (f"{events:,}", name, f"{seconds:.1f}", f"{seconds / full.processor:.0%}")
        for name, seconds in parts.items()
    ]
    return figures, shares


def check(what: str, found: int, expected: int, records: int, landed: int) -> None:
    """Stops if a number is not as it was written."""
    if (found, records) != (expected, landed):
        raise SystemExit(f"{what}: {found:,} events of {expected:,}, {records:,} records of {landed:,}")


def report(sizes: list[int], folder: Path, keep: bool) -> str:
    """The table of all figures."""
    runs = [run(events, (folder / f"usage{events}").resolve(), keep) for events in sizes]
    return "\n".join(
        [
            *table(
                "Roll-up of events (seconds of wall and of processor time, GB at the peak; ratio of the full roll-up and of its"
                " statements to the floor, of one more day to the full one)",
                ("events", "what", "wall", "cpu", "GB", "events a cpu second", "ratio"),
                [row for figures, _ in runs for row in figures],
            ),
            *table(
                "Where the processor time of the full roll-up goes (seconds)",
                ("events", "what", "cpu", "share"),
                [row for _, shares in runs for row in shares],
            ),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--events", default="1000000", help="numbers of events, e.g. 1000000,10000000 (default: 1000000)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=PROJECT / "out" / "bench",
        help="where exports and builds are kept (default: out/bench)",
    )
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--statements", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--keep", action="store_true", help="keep exports and builds (some 100 bytes an event)"
    )
    options = parser.parse_args()
    if options.floor:
        floor(options.floor)
        return
    if options.statements:
        statements(options.statements)
        return
    print(report([int(events) for events in options.events.split(",")], options.folder, options.keep))


if __name__ == "__main__":
    main()
