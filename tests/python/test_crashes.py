"""A real company's build and publication, killed at random moments or out of disk: readers never notice, the next run completes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.cli import main
from postsale.lock import BusyError, only_one
from tests.golden.random_company import draw
from tests.harness import PROJECT, write_csv
from tests.python import small_build as small
from tests.python.small_build import current

BUILD_KILLS = 6
PUBLISH_KILLS = 6
#: Lines that dbt writes of this project's build, about.
BUILD_LINES = 340


def postsale(command: str, out: Path) -> list[str]:
    """A command line as a user types it."""
    systems = ["--systems", "templates"] if command == "build" else []
    return [sys.executable, "-m", "postsale.cli", command, "--out", str(out), *systems]


def built_rows(database: Path, out: Path) -> dict[str, list[Any]]:
    """All rows of the published tables that dbt builds, in their order."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as published (read_only)")
        connection.execute(f"attach '{out}/build/postsale.duckdb' as built (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts'"
            " and table_name in (select table_name from duckdb_tables() where database_name = 'built') order by all"
        ).fetchall()
        return {name: connection.execute(f"from published.marts.{name}").fetchall() for (name,) in names}


def one_answer(out: Path) -> tuple[Any, ...]:
    """What a BI tool asks: the metric values and the rows behind them, in one connection."""
    with duckdb.connect(str(current(out)), read_only=True) as connection:
        row = connection.execute(
            "select (select count(*) from marts.fct_metric_values), (select count(*) from marts.fct_metric_contributions),"
            " (select sum(value) from marts.fct_metric_values), (select max(as_of_date) from marts.dim_as_of)"
        ).fetchone()
        assert row is not None
        return row


def wait_until_free(out: Path) -> None:
    """Returns when no process is at work in ``out`` any more."""
    for _ in range(1_200):
        try:
            with only_one(out, "test"):
                return
        except BusyError:
            time.sleep(0.1)
    raise AssertionError(f"{out} stays locked")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A company of eight customers, landed, built and published once."""
    folder = tmp_path_factory.mktemp("crashes")
    for name, rows in draw(3, 8).exports().exports.items():
        write_csv(folder / "raw" / f"{name}.csv", rows)
    arguments = ["--raw", str(folder / "raw"), "--out", str(folder / "out"), "--systems", "templates"]
    assert main(["scorecard", *arguments]) == 0
    yield folder / "out"
    wait_until_free(folder / "out")


def test_killed_at_random_moments_of_build_audit_and_publish(
    out: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before, answer, version = built_rows(current(out), out), one_answer(out), current(out).resolve()
    assert len(before) > 15 and answer[0] > 100
    moments = random.Random(30)

    # Build: dbt is at this line of its work when it, and the command that runs it, are killed.
    for number in range(BUILD_KILLS):
        last_line = moments.randrange(1, BUILD_LINES)
        with subprocess.Popen(
            postsale("build", out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        ) as build:
            assert build.stdout is not None
            for line_number, _ in enumerate(build.stdout, start=1):
                if line_number == last_line:
                    break
            if number == 0:  # meanwhile, a second one
                capfd.readouterr()
                assert main(["build", "--out", str(out), "--systems", "templates"]) == 1
                assert f"is at work in {out} (process {build.pid})" in capfd.readouterr().err
                dbt = json.loads((out / ".lock").read_text())["child"]
                os.kill(
                    dbt, signal.SIGSTOP
                )  # the command alone is killed: its dbt is still there and keeps the lock
                build.kill()
                build.wait()
                assert main(["publish", "--out", str(out)]) == 1
                assert (
                    f"still at work. Run again when that has ended, or end it: kill {dbt}"
                    in capfd.readouterr().err
                )
            os.killpg(build.pid, signal.SIGKILL)
        wait_until_free(out)
        assert one_answer(out) == answer
    assert main(["publish", "--out", str(out)]) == 1, "a half-built file must not be published"
    refusal = capfd.readouterr().err
    assert "has begun and not ended" in refusal and "Readers keep v" in refusal
    assert current(out).resolve() == version

    # By hand, as the README has it: a part is refused, the whole is published.
    dbt = [
        sys.executable, "-m", "postsale.run_dbt", "--quiet", "build", "--vars", "systems: [templates]", "--project-dir", str(PROJECT),
        "--profiles-dir", str(PROJECT), "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"),
    ]  # fmt: skip
    environment = {**os.environ, "POSTSALE_OUT": str(out)}
    subprocess.run([*dbt, "--select", "dim_policy"], env=environment, check=True)
    assert main(["publish", "--out", str(out)]) == 1
    assert "dbt build left out" in capfd.readouterr().err
    subprocess.run(dbt, env=environment, check=True)

    # Audit and publish.
    begun = time.monotonic()
    assert small.call(small.command_line, ["publish", "--out", str(out)]).result == (0, "")
    takes = time.monotonic() - begun
    killed = 0
    for _ in range(PUBLISH_KILLS):
        moment = moments.uniform(0, takes)
        killed += small.killed_after(moment, small.command_line, ["publish", "--out", str(out)])
        assert one_answer(out) == answer
    assert killed >= PUBLISH_KILLS / 2, "the kills came too late to show anything"

    assert main(["publish", "--out", str(out)]) == 0
    assert built_rows(current(out), out) == before
    assert_nothing_doubled(current(out))
    published = out / "published"
    names = sorted(path.name for path in published.iterdir() if path.name != "current")
    numbers = [int(name.removeprefix("v")) for name in names]
    # Three publications ended: the first, the one that was timed, the last. A killed one may have ended, too; five are kept.
    assert numbers == list(range(numbers[0], numbers[-1] + 1)) and 3 <= len(numbers) <= 5
    assert os.readlink(published / "current") == names[-1]


def assert_nothing_doubled(database: Path) -> None:
    """No published table holds a row twice."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall():
            twice = connection.execute(
                f"select count(*) from (from marts.{name} group by all having count(*) > 1)"
            )
            assert twice.fetchone() == (0,), name


def test_pages_are_there_at_every_moment_of_a_rendering_that_is_killed(out: Path) -> None:
    home = out / "pages" / "index.html"
    begun = time.monotonic()
    assert small.call(small.command_line, ["render", "--out", str(out)]).result == (0, "")
    takes, before = time.monotonic() - begun, home.read_text(encoding="utf-8")
    moments = random.Random(5)
    for _ in range(5):
        small.killed_after(moments.uniform(0, takes), small.command_line, ["render", "--out", str(out)])
        assert home.read_text(encoding="utf-8") == before
    assert main(["render", "--out", str(out)]) == 0
    assert len([path for path in out.iterdir() if path.name.startswith(".pages")]) == 1


@pytest.mark.parametrize("command", ["land", "build", "render"])
def test_a_full_disk_is_one_message_of_every_command(out: Path, command: str) -> None:
    options = {
        "land": ["--raw", str(out.parent / "raw"), "--out", str(out / "anew"), "--systems", "templates"],
        "build": ["--out", str(out), "--systems", "templates"],
        "render": ["--out", str(out)],
    }
    code, said = small.call(small.command_line, [command, *options[command]], file_bytes=1_000).result
    assert code == 1
    assert "File too large: the disk of" in said and "Free some space, then run again." in said
    assert len(said.splitlines()) <= 2 and "Traceback" not in said
    assert one_answer(out)
