"""The command line: ``postsale <command> --help``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import yaml

from postsale import disk, spark
from postsale.contract import SALT
from postsale.demo import SYSTEMS, UNFINISHED, write_demo
from postsale.landing import LandingError, land
from postsale.lock import BusyError, Lock, only_one
from postsale.publish import KEPT_VERSIONS, PublishError, publish
from postsale.render import CUSTOMER_PAGES, RenderError, render

PROJECT = Path(__file__).resolve().parents[1]
DEMO_SEED = 7
DEMO_CUSTOMERS = 400
DEMO_MONTHS = 36


class BuildError(Exception):
    """dbt could not build; its own messages stand above. The published marts are those of the last good build."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0, or 1 after printing what went wrong and what to do."""
    options = _parser().parse_args(arguments)
    folder: Path = options.raw if options.command == "demo" else options.out
    try:
        with only_one(folder, options.command) as lock:
            _COMMANDS[options.command](options, lock)
    except (
        LandingError, BuildError, spark.SparkError, PublishError, RenderError, BusyError, FileExistsError,
        ValueError,
    ) as error:  # fmt: skip
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (OSError, duckdb.Error) as error:
        why = disk.reason(error, folder)
        if why is None:
            raise
        print(f"\n`postsale {options.command}` stopped: {why}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postsale", description="From a company's raw exports to tested facts and scorecard pages."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )

    scorecard = command("scorecard", "Land the exports, build, publish and render the pages: all of it.")
    landing = command("land", "Read new and changed exports into out/landed.")
    building = command("build", "Build and test all models on what has landed (dbt build).")
    publishing = command("publish", "Give readers a copy of the marts that were built and tested last.")
    rendering = command("render", "Render the scorecard pages from the published marts.")
    demo = command("demo", "Write the exports of the demo company, and the ledger of the truth beside them.")

    for sub in (scorecard, landing, demo):
        sub.add_argument(
            "--raw", type=Path, default=Path("raw"), help="folder with one sub-folder of exports a system"
        )
    for sub in (scorecard, landing, building, publishing, rendering):
        sub.add_argument(
            "--out", type=Path, default=Path("out"), help="folder for everything the warehouse writes"
        )
    for sub in (scorecard, landing, building):
        sub.add_argument(
            "--systems",
            default="",
            help="the company's systems, separated by blanks (default: those of vars.yml)",
        )
    for sub in (scorecard, building):
        sub.add_argument(
            "--vars", default="{}", help="policy vars for this run as YAML, e.g. '{renewal_grace_days: 60}'"
        )
    for sub in (scorecard, building):
        sub.add_argument(
            "--target",
            choices=("duckdb", *spark.TARGETS),
            default="duckdb",
            help="engine: an output in profiles.yml",
        )
    publishing.add_argument(
        "--from",
        dest="target",
        choices=("duckdb", *spark.TARGETS),
        default="duckdb",
        help="target they were built on; readers get the same copy of any",
    )
    for sub in (scorecard, publishing):
        sub.add_argument(
            "--keep",
            type=_one_or_more,
            default=KEPT_VERSIONS,
            help="versions of the published marts kept for readers beside the current one",
        )
    for sub in (scorecard, rendering):
        sub.add_argument(
            "--customer-pages",
            type=_none_or_more,
            default=CUSTOMER_PAGES,
            help="customers with a page of their own, those with most recurring revenue first; 0 = none",
        )
    demo.add_argument("--customers", type=int, default=DEMO_CUSTOMERS, help="number of customers")
    demo.add_argument("--months", type=int, default=DEMO_MONTHS, help="months of history, up to October 2026")
    demo.add_argument("--seed", type=int, default=DEMO_SEED, help="same seed, same bytes")
    demo.add_argument(
        "--systems",
        default="",
        help="systems whose exports are written, separated by blanks (default: all the demo company has)",
    )
    demo.add_argument(
        "--dirt", action="store_true", help="add the defects that real exports have, and a list of them"
    )
    return parser


def _scorecard(options: argparse.Namespace, lock: Lock) -> None:
    is_default = options.raw == Path("raw")
    if not _has_files(options.raw) or (is_default and (options.raw / UNFINISHED).exists()):
        if not is_default:
            raise ValueError(
                f"No exports in {options.raw}: put files into {options.raw}/<system>/<table>.csv and run again."
            )
        print(f"No exports in {options.raw}/ yet: writing those of the demo company.", flush=True)
        write_demo(options.raw, DEMO_CUSTOMERS, DEMO_MONTHS, DEMO_SEED, False, _echo)
    for step in (_land, _build, _publish, _render):
        step(options, lock)


def _land(options: argparse.Namespace, _lock: Lock) -> None:
    if (options.raw / UNFINISHED).exists():
        raise ValueError(
            f"{options.raw} holds a demo company that was not written to its end: run `postsale demo` again."
        )
    report = land(options.raw, options.out, _systems(options), PROJECT, _echo)
    print(
        f"landed {report.record_count:,} records, set {report.malformed_count:,} malformed lines aside",
        flush=True,
    )


def _build(options: argparse.Namespace, lock: Lock) -> None:
    if not (options.out / "landed" / "_landing" / "files.parquet").exists():
        raise BuildError(f"Nothing has landed in {options.out}/landed: run `postsale land` first.")
    if not os.environ.get(SALT):
        print(
            f"{SALT} is not set: keys of personal text are hashed without a salt, so that whoever guesses the text can find it.",
            flush=True,
        )
    (options.out / "build").mkdir(parents=True, exist_ok=True)
    variables = {**(yaml.safe_load(options.vars) or {}), "systems": _systems(options)}
    out = options.out.resolve()
    if options.target == "spark":
        spark.clear(out)
    command = [
        sys.executable, "-m", "postsale.run_dbt", "build", "--target", options.target,
        "--vars", yaml.safe_dump(variables, default_flow_style=True, width=10**6),
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(out / "build" / "target"),
        "--log-path", str(out / "build" / "logs"),
    ]  # fmt: skip
    environment = {**os.environ, "POSTSALE_OUT": str(out), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    why = None
    with subprocess.Popen(
        command, env=environment, cwd=PROJECT, pass_fds=[lock.descriptor], encoding="utf-8", errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as dbt:  # fmt: skip
        lock.tell(child=dbt.pid)
        for line in dbt.stdout or ():
            why = why or disk.reason(line, options.out)
            if why is None:  # what follows a full disk are its consequences, at length
                print(line, end="", flush=True)
    lock.tell()
    if why is not None and dbt.returncode != 0:
        raise BuildError(f"The build stopped: {why}\nReaders keep the marts of the last good build.")
    if dbt.returncode != 0:
        raise BuildError(
            "The build failed: the messages above say where. Readers keep the marts of the last good build.\n"
            "Rows that could not be read are in marts.dq_rejected_rows, things to look at in marts.dq_findings."
        )


def _publish(options: argparse.Namespace, _lock: Lock) -> None:
    build = None if options.target == "duckdb" else spark.stage_marts(options.out, options.target)
    publish(options.out, echo=_echo, keep=options.keep, build=build)


def _render(options: argparse.Namespace, _lock: Lock) -> None:
    database = options.out / "published" / "current" / "postsale.duckdb"
    if not database.exists():
        raise PublishError(f"{database} does not exist: run `postsale publish` first.")
    page = render(database, options.out, _echo, customer_pages=options.customer_pages)
    print(f"\nMarts for BI tools: {database}\nScorecard:          {page.absolute()}", flush=True)


def _demo(options: argparse.Namespace, _lock: Lock) -> None:
    systems = options.systems.replace(",", " ").split() or SYSTEMS
    write_demo(options.raw, options.customers, options.months, options.seed, options.dirt, _echo, systems)


def _systems(options: argparse.Namespace) -> list[str]:
    named: list[str] = options.systems.replace(",", " ").split()
    if named:
        return named
    return list(yaml.safe_load((PROJECT / "vars.yml").read_text())["vars"]["systems"])


def _one_or_more(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more: readers may still be in the version before")
    return number


def _none_or_more(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(
        path.is_file() and not path.name.startswith(".") for path in folder.rglob("*")
    )


def _echo(line: str) -> None:
    print(line, flush=True)


_COMMANDS = {
    "scorecard": _scorecard,
    "land": _land,
    "build": _build,
    "publish": _publish,
    "render": _render,
    "demo": _demo,
}

if __name__ == "__main__":
    sys.exit(main())
