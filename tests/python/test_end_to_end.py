"""The whole way, as a user goes it: exports → dbt build → published marts → pages, through the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from postsale.cli import main
from postsale.demo import write_demo
from tests.harness import PROJECT, run_models

SYSTEMS: list[str] = yaml.safe_load((PROJECT / "vars.yml").read_text())["vars"]["systems"]


def published(out: Path) -> Path:
    return out / "published" / "current" / "postsale.duckdb"


def tables_of(database: Path, schema: str = "marts") -> dict[str, str]:
    """Fingerprint of every table's rows, whatever their order: same rows, same fingerprint."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by 1",
                [schema],
            ).fetchall()
        ]
        return {
            name: str(
                connection.execute(
                    f'select count(*), md5(string_agg(row_text, chr(10) order by row_text)) from (select cast(t as varchar) as row_text from {schema}."{name}" as t)'
                ).fetchone()
            )
            for name in names
        }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo company, built once by the command line; returns the folder with raw/ and out/."""
    folder = tmp_path_factory.mktemp("company")
    write_demo(folder / "raw", 60, 16, 5, False, lambda _line: None)
    assert main(["scorecard", "--raw", str(folder / "raw"), "--out", str(folder / "out")]) == 0
    return folder


def test_one_command_leaves_pages_and_a_readers_copy(company: Path) -> None:
    pages = company / "out" / "pages"
    assert {path.name for path in pages.glob("*.html")} >= {
        "index.html",
        "retention.html",
        "definitions.html",
    }
    with duckdb.connect(str(published(company / "out")), read_only=True) as connection:
        row = connection.execute(
            "select value from marts.fct_metric_values where metric_key = 'net_revenue_retention' and dimension = 'all' and verdict = 'ok' limit 1"
        ).fetchone()
        assert row is not None and 0 < row[0] < 10


def test_a_first_publication_restates_nothing_and_says_what_it_keeps(company: Path) -> None:
    text = (company / "out" / "pages" / "restatements.html").read_text(encoding="utf-8")
    assert "No published headline figure has changed since its period closed" in text
    assert "The log began with v000001" in text


def test_readers_meet_marts_only_and_no_column_without_a_description(company: Path) -> None:
    with duckdb.connect(str(published(company / "out")), read_only=True) as connection:
        assert connection.execute("select distinct schema_name from duckdb_tables()").fetchall() == [
            ("marts",)
        ]
        undescribed = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and coalesce(comment, '') = ''"
        ).fetchall()
        assert undescribed == []
        assert connection.execute(
            "select count(*) from duckdb_columns() where schema_name = 'marts' and column_name = 'raw_text'"
        ).fetchone() == (0,)


def test_every_published_number_opens_into_its_rows_also_under_another_catalog_name(company: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published(company / 'out')}' as warehouse (read_only)")
        connection.execute("use warehouse")
        differing = connection.execute(
            """
            select metric.metric_key, metric.period_grain, metric.period_end, metric.dimension, metric.member, metric.numerator, sum(rows.numerator)
            from marts.fct_metric_values as metric
            inner join marts.fct_metric_contributions as rows using (metric_key, period_grain, period_end, dimension, member)
            where rows.is_included and metric.period_grain in ('month', 't12m') and metric.numerator is not null
            group by all
            having metric.numerator <> sum(rows.numerator)
            """
        ).fetchall()
        assert differing == []


def test_building_twice_gives_identical_rows_in_every_mart_and_identical_pages(
    company: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert main(["scorecard", "--raw", str(company / "raw"), "--out", str(again)]) == 0
    assert tables_of(published(again)) == tables_of(published(company / "out"))
    first = {
        path.relative_to(company / "out" / "pages"): path.read_bytes()
        for path in (company / "out" / "pages").rglob("*.html")
    }
    second = {
        path.relative_to(again / "pages"): path.read_bytes() for path in (again / "pages").rglob("*.html")
    }
    assert first == second


def test_compiled_models_in_bare_duckdb_give_what_dbt_build_gives(
    company: Path, tmp_path: Path, model_cache: Path
) -> None:
    (tmp_path / "landed").symlink_to(company / "out" / "landed")
    run_models(tmp_path, SYSTEMS, model_cache, on_disk=True).close()
    bare = tables_of(tmp_path / "build" / "postsale.duckdb")
    assert bare == tables_of(company / "out" / "build" / "postsale.duckdb")


def test_the_docs_are_built_as_one_file_with_every_mart(company: Path) -> None:
    docs = company / "out" / "docs"
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"), "docs", "generate", "--static", "--project-dir", str(PROJECT),
            "--profiles-dir", str(PROJECT), "--target-path", str(docs), "--log-path", str(docs),
        ],
        env={**os.environ, "POSTSALE_OUT": str(company / "out")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    page = (docs / "static_index.html").read_text()
    assert all(name in page for name in tables_of(company / "out" / "build" / "postsale.duckdb"))


def test_a_failed_build_leaves_readers_the_last_good_copy(
    company: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before, version = tables_of(published(company / "out")), published(company / "out").resolve()
    broken = tmp_path / "raw"
    for path in (company / "raw").rglob("*.csv"):
        target = broken / path.relative_to(company / "raw")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    price = broken / "stripe" / "price.csv"
    lines = price.read_text().splitlines()
    price.write_text(
        "\n".join([lines[0], *(line.replace("20", "not-a-date-", 1) for line in lines[1:])]) + "\n"
    )
    assert main(["scorecard", "--raw", str(broken), "--out", str(company / "out")]) == 1
    assert "Readers keep the marts of the last good build" in capfd.readouterr().err
    assert published(company / "out").resolve() == version
    assert tables_of(published(company / "out")) == before


def test_a_folder_without_exports_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scorecard", "--raw", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]) == 1
    assert "put files into" in capsys.readouterr().err
