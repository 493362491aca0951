"""The readers' copy: exchanged whole, whatever happens meanwhile, and only if it was built and tested whole."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale import disk
from postsale.audit import Outcome
from postsale.cli import main
from postsale.lock import only_one
from postsale.publish import PublishError, publish
from tests.python import small_build as small
from tests.python.small_build import PROCESSES, current, publish_small, write_build

PUBLISHES = 50
KILLS = 18


def versions(out: Path) -> list[str]:
    """Everything in the folder of versions, but the link."""
    return sorted(path.name for path in (out / "published").iterdir() if path.name != "current")


def rows(database: Path) -> dict[str, list[Any]]:
    """All rows of every published table and view, in their order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by all"
        ).fetchall()
        return {name: connection.execute(f"from marts.{name}").fetchall() for (name,) in names}


def test_readers_get_the_marts_alone_described_and_nothing_personal(tmp_path: Path) -> None:
    write_build(tmp_path, 7)
    publish_small(tmp_path)
    with duckdb.connect(str(current(tmp_path)), read_only=True) as connection:
        assert connection.execute(
            "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()"
            " where not internal group by all order by all"
        ).fetchall() == [
            ("marts", "dim_customers", ["build_number", "customer_id"]),
            ("marts", "dq_expectations", ["suite", "expectation", "relation", "column", "severity", "is_met", "observed", "expected"]),
            ("marts", "fct_months", ["build_number", "customer_id", "amount"]),
            ("marts", "fct_opened", ["build_number", "customer_id", "amount"]),
            ("marts", "fct_publications", ["version"]),
        ]  # fmt: skip
        assert (
            connection.execute(
                "select distinct comment from duckdb_columns() where table_name like 'fct%' union all"
                " select distinct comment from duckdb_tables() where table_name like 'fct%'"
            ).fetchall()
            == [("It's described.",)] * 2
        )
        # Rows come in a fixed order; those of the view are the table's.
        months = connection.execute("from marts.fct_months").fetchall()
        assert months == sorted(months) and len(months) == small.ROWS
        assert connection.execute("select count(*) from marts.fct_opened").fetchone() == (small.ROWS,)
        assert connection.execute("select expectation, is_met from marts.dq_expectations").fetchall() == [
            ("no amount is negative", True)
        ]
    assert b"ann@example.org" not in current(tmp_path).read_bytes()
    assert (tmp_path / "published" / "v000001" / "data_docs" / "index.html").exists()


def test_the_parquet_files_hold_the_tables_row_by_row_with_their_descriptions(tmp_path: Path) -> None:
    write_build(tmp_path, 7)
    publish_small(tmp_path)
    folder = tmp_path / "published" / "v000001" / "parquet"
    assert sorted(path.name for path in folder.iterdir()) == [
        "dim_customers.parquet", "dq_expectations.parquet", "fct_months.parquet", "fct_publications.parquet",
    ]  # fmt: skip
    published = rows(current(tmp_path))
    with duckdb.connect() as connection:
        for path in folder.iterdir():
            assert connection.execute(f"from '{path}'").fetchall() == published[path.stem]
        about = dict(
            connection.execute(
                f"select decode(key), decode(value) from parquet_kv_metadata('{folder}/fct_months.parquet')"
            ).fetchall()
        )
    assert about["version"] == "v000001" and about["description"] == "It's described."
    assert json.loads(about["column_descriptions"]) == dict.fromkeys(
        ("build_number", "customer_id", "amount"), "It's described."
    )


def test_fifty_publishes_under_looping_readers_show_no_error_and_no_answer_from_two_versions(
    tmp_path: Path,
) -> None:
    write_build(tmp_path, 1)
    publish_small(tmp_path)
    stop, readers = PROCESSES.Event(), []
    for way in (small.read_duckdb, small.read_duckdb, small.read_parquet, small.open_file):
        here, there = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=small.read_until_told, args=(tmp_path, way, stop, there))
        process.start()
        readers.append((process, here))
    try:
        for number in range(2, PUBLISHES + 2):
            write_build(tmp_path, number)
            publish_small(tmp_path)
    finally:
        stop.set()
    for process, answer in readers:
        seen = answer.recv()
        process.join()
        print(f"{seen.reads} reads of {len(seen.builds)} versions, {len(seen.errors)} errors")
        assert seen.errors == []
        assert len(seen.builds) >= 5, "this reader was not there while the versions changed"
    assert small.read_duckdb(tmp_path) == small.read_parquet(tmp_path) == {PUBLISHES + 1}
    assert versions(tmp_path) == ["v000048", "v000049", "v000050", "v000051"]


def test_a_reader_goes_on_in_the_version_it_opened_and_the_last_versions_are_kept(tmp_path: Path) -> None:
    write_build(tmp_path, 1)
    publish_small(tmp_path, keep=1)
    with duckdb.connect(str(current(tmp_path)), read_only=True) as connection:
        for number in (2, 3, 4):
            write_build(tmp_path, number)
            publish_small(tmp_path, keep=1)
        assert versions(tmp_path) == ["v000003", "v000004"]
        assert connection.execute("select distinct build_number from marts.fct_months").fetchall() == [(1,)]
    with pytest.raises(SystemExit):
        main(["publish", "--out", str(tmp_path), "--keep", "0"])


def test_the_version_readers_had_is_kept_even_if_newer_ones_were_never_shown(tmp_path: Path) -> None:
    for number in (1, 2):
        write_build(tmp_path, number)
        publish_small(tmp_path, keep=1)
    link = tmp_path / "published" / "current"
    link.unlink()
    link.symlink_to("v000001")  # as after a kill just before the exchange, or when somebody went back to it
    write_build(tmp_path, 3)
    publish_small(tmp_path, keep=1)
    assert small.read_duckdb(tmp_path) == {3}
    assert versions(tmp_path) == ["v000001", "v000002", "v000003"]


def test_readers_may_read_everything_and_write_nothing() -> None:
    with open_folder() as folder:
        write_build(folder, 1)
        publish_small(folder)
        version = folder / "published" / "v000001"
        paths = [version, *version.rglob("*")]
        assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o444}
        assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o555}
        for attempt in (_write_duckdb, _overwrite, _delete, _add):
            ended = small.call(attempt, version, user=small.NOBODY)
            assert ended.error and ("ermission denied" in ended.error), f"{attempt.__name__}: {ended}"
        assert small.call(small.read_duckdb, folder, user=small.NOBODY).result == {1}
        assert small.call(small.read_parquet, folder, user=small.NOBODY).result == {1}


def _write_duckdb(version: Path) -> None:
    with duckdb.connect(str(version / "postsale.duckdb")) as connection:
        connection.execute("delete from marts.fct_months")


def _overwrite(version: Path) -> None:
    (version / "parquet" / "fct_months.parquet").write_bytes(b"")


def _delete(version: Path) -> None:
    (version / "parquet" / "fct_months.parquet").unlink()


def _add(version: Path) -> None:
    (version / "note.txt").write_text("Was here.")


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        ("dbt build has begun and not ended", "is not whole: dbt build has begun and not ended"),
        ("dbt build left out 3 of 280 models, seeds and tests", "left out 3 of 280"),
        (None, "was not finished"),
    ],
)
def test_a_build_that_is_not_whole_is_refused(tmp_path: Path, problem: str | None, says: str) -> None:
    write_build(tmp_path, 1)
    publish_small(tmp_path)
    write_build(tmp_path, 2, problem)
    if problem is None:
        with duckdb.connect(str(tmp_path / "build" / "postsale.duckdb")) as connection:
            connection.execute("drop table build.outcome")
    with pytest.raises(PublishError, match=says) as refusal:
        publish_small(tmp_path)
    assert "run `dbt build` first" in str(refusal.value).lower()
    assert "Readers keep v000001." in str(refusal.value)
    assert small.read_duckdb(tmp_path) == {1} and versions(tmp_path) == ["v000001"]


def test_a_column_without_a_description_is_not_published(tmp_path: Path) -> None:
    write_build(tmp_path, 1, description="")
    with pytest.raises(PublishError, match=r"without a description: dim_customers.build_number"):
        publish_small(tmp_path)
    assert versions(tmp_path) == []


def test_an_unmet_critical_expectation_stops_publishing_and_a_warning_is_told_to_readers(
    tmp_path: Path,
) -> None:
    write_build(tmp_path, 1)

    def warned(*arguments: Any) -> list[Outcome]:
        return [*small.audit(*arguments), small.outcome("warning", False)]

    publish(tmp_path, audit=warned, record=small.record)
    assert sorted(row[4:7] for row in rows(current(tmp_path))["dq_expectations"]) == [
        ("critical", True, None), ("warning", False, "-1"),
    ]  # fmt: skip
    before = rows(current(tmp_path))
    write_build(tmp_path, 2)

    def stopped(*arguments: Any) -> list[Outcome]:
        return [*small.audit(*arguments), small.outcome("critical", False)]

    with pytest.raises(PublishError) as stop:
        publish(tmp_path, audit=stopped, record=small.record)
    assert str(stop.value).splitlines() == [
        "Not published: 1 critical expectations are not met.",
        "  - fct_months.amount: no amount is negative (expected 0 or more, found -1)",
        f"See {tmp_path / 'build' / 'data_docs'}.",
        "Readers keep v000001.",
    ]
    assert (tmp_path / "build" / "data_docs" / "index.html").exists()
    assert rows(current(tmp_path)) == before and versions(tmp_path) == ["v000001"]


@pytest.mark.parametrize("how", ["gone", "dangling"])
def test_a_lost_link_is_mended_by_the_next_publish(tmp_path: Path, how: str) -> None:
    for number in (1, 2):
        write_build(tmp_path, number)
        publish_small(tmp_path)
    link = tmp_path / "published" / "current"
    link.unlink()
    if how == "dangling":
        link.symlink_to("v000009")
    write_build(tmp_path, 3)
    seen: list[Path | None] = []

    def looking(candidate: Path, out: Path, previous: Path | None, *rest: Any) -> list[Outcome]:
        seen.append(previous)
        return small.audit(candidate, out, previous, *rest)

    publish(tmp_path, audit=looking, record=small.record)
    assert small.read_duckdb(tmp_path) == {3} and os.readlink(link) == "v000003"
    assert seen == [tmp_path / "published" / "v000002" / "postsale.duckdb"]  # the history goes on from there


def test_a_folder_in_the_place_of_the_link_is_left_alone(tmp_path: Path) -> None:
    write_build(tmp_path, 1)
    (tmp_path / "published" / "current").mkdir(parents=True)
    with pytest.raises(PublishError, match="move it away"):
        publish_small(tmp_path)


def test_a_publish_killed_at_any_moment_is_not_noticed_and_the_next_one_completes(tmp_path: Path) -> None:
    write_build(tmp_path, 1)
    begun = time.monotonic()
    assert small.call(publish_small, tmp_path).error is None
    takes = time.monotonic() - begun
    moments = random.Random(30)
    killed = 0
    for number in range(2, KILLS + 2):
        write_build(tmp_path, number)
        was_killed = small.killed_after(moments.uniform(0, takes), publish_small, tmp_path)
        killed += was_killed
        for read in (small.read_duckdb, small.read_parquet):
            # The version before, or the new one if the kill came after the exchange.
            assert read(tmp_path) in ([{number - 1}, {number}] if was_killed else [{number}])
        publish_small(tmp_path)
        assert small.read_duckdb(tmp_path) == small.read_parquet(tmp_path) == {number}
    assert killed >= KILLS / 2, "the kills came too late to show anything"
    kept = versions(tmp_path)
    assert len(kept) in (4, 5) and all(re.fullmatch(r"v\d{6}", name) for name in kept)
    # Every version that readers were shown is in the history, once and in order.
    shown = [version for (version,) in rows(current(tmp_path))["fct_publications"]]
    assert shown == sorted(set(shown)) and len(shown) >= KILLS + 1 and shown[-1] == kept[-1]
    last = int(kept[-1][1:])
    assert kept[-4:] == [f"v{number:06d}" for number in range(last - 3, last + 1)]


def test_a_demo_company_broken_off_is_not_taken_for_a_company(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    demo = ["demo", "--raw", str(raw), "--customers", "40000", "--months", "24"]
    assert small.killed_after(1.0, small.command_line, demo)
    assert main(["land", "--raw", str(raw), "--out", str(out), "--systems", "zuora"]) == 1
    assert "not written to its end: run `postsale demo` again" in capsys.readouterr().err
    assert main(["demo", "--raw", str(raw), "--customers", "5", "--months", "3"]) == 0
    assert main(["land", "--raw", str(raw), "--out", str(out), "--systems", "zuora"]) == 0


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_a_second_run_in_the_same_folder_ends_at_once_and_names_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_build(tmp_path, 1)
    for command in ("scorecard", "land", "build", "publish", "render"):
        with only_one(tmp_path, "build"):
            assert main([command, "--out", str(tmp_path)]) == 1
            assert capsys.readouterr().err.strip() == (
                f"`postsale build` is at work in {tmp_path} (process {os.getpid()})."
                " Run again when it is done, or with another folder."
            )
        with only_one(tmp_path / "other", "build"):
            publish_small(tmp_path)  # another folder is another matter
    with only_one(tmp_path, "build"):
        pass  # and it is free again


def test_a_lock_ends_with_its_process_but_not_before_the_dbt_that_it_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = (
        "import os, subprocess, sys, time, pathlib\n"
        "from postsale.lock import only_one\n"
        "with only_one(pathlib.Path(sys.argv[1]), 'build') as lock:\n"
        "    child = subprocess.Popen(['sleep', '60'], pass_fds=[lock.descriptor])\n"
        "    lock.tell(child=child.pid)\n"
        "    print(child.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert main(["publish", "--out", str(tmp_path)]) == 1
        assert f"(process {process.pid}) in {tmp_path} was killed" in (said := capsys.readouterr().err)
        assert f"still at work. Run again when that has ended, or end it: kill {child}" in said
        os.kill(child, signal.SIGKILL)
    for _ in range(100):
        with (tmp_path / ".lock").open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.05)
    with only_one(tmp_path, "build"):
        pass


# --- disks -----------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 6 MB in ``folder``."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets this user mount no disk; the limit on the size of a file is tested")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_message_and_leaves_readers_and_the_next_run_alone(tmp_path: Path) -> None:
    out = tmp_path / "disk"
    with small_disk(out):
        write_build(out, 1)
        publish_small(out)
        write_build(out, 2)
        filler = out / "filler"
        # Room for a part of the next version, in steps: the disk is full at the copy, the audit, or Parquet.
        for room in (0, 100_000, 400_000, 800_000, 1_000_000):
            filler.write_bytes(b"")
            free = shutil.disk_usage(out).free
            filler.write_bytes(b"0" * (free - room))
            with pytest.raises(PublishError) as stop:
                publish_small(out)
            assert re.fullmatch(
                rf"Publishing stopped: No space left on device: the disk of {out}/published is full \(\d MB free now\)\."
                r" Free some space, then run again\.\nReaders keep v000001\.",
                str(stop.value),
            )
            assert small.read_duckdb(out) == small.read_parquet(out) == {1}
            assert versions(out) == ["v000001"]
        filler.unlink()
        publish_small(out)
        assert small.read_duckdb(out) == small.read_parquet(out) == {2}


@pytest.mark.parametrize("file_bytes", [0, 2_000, 200_000])
def test_a_file_that_may_not_grow_is_one_message(tmp_path: Path, file_bytes: int) -> None:
    write_build(tmp_path, 1)
    publish_small(tmp_path)
    write_build(tmp_path, 2)
    ended = small.call(publish_small, tmp_path, file_bytes=file_bytes)
    assert ended.error and ended.error.startswith(
        "PublishError: Publishing stopped: File too large: the disk of"
    )
    assert ended.error.endswith("Free some space, then run again.\nReaders keep v000001.")
    assert small.read_duckdb(tmp_path) == {1} and versions(tmp_path) == ["v000001"]
    publish_small(tmp_path)
    assert small.read_duckdb(tmp_path) == {2}


@pytest.mark.parametrize("command", ["land", "build", "publish", "render"])
def test_a_folder_that_may_not_be_written_is_one_message(command: str) -> None:
    with open_folder() as folder:
        out = folder / "out"
        write_build(out, 1)
        publish_small(out)
        out.chmod(0o555)
        ended = small.call(small.command_line, [command, "--out", str(out)], user=small.NOBODY)
        code, said = ended.result
        assert code == 1 and said == (
            f"`postsale {command}` stopped: Permission denied: {out}/.lock cannot be written."
            " Allow this user to write there, or give another folder, then run again."
        )
        assert small.read_duckdb(out) == {1}


def test_versions_that_may_not_be_written_are_one_message() -> None:
    with open_folder() as folder:
        write_build(folder, 1)
        publish_small(folder)
        (folder / "published").chmod(0o555)
        ended = small.call(publish_small, folder, user=small.NOBODY)
        assert ended.error == (
            f"PublishError: Publishing stopped: Permission denied: {folder}/published/.v000002.new cannot be written."
            " Allow this user to write there, or give another folder, then run again.\nReaders keep v000001."
        )
        assert small.read_duckdb(folder) == {1}


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="postsale-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        disk.remove(folder)
