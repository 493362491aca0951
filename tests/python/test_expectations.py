"""The audit before publishing: sound exports and marts pass, and every single expectation has been seen to fail."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from expectations.thresholds import THRESHOLDS, ThresholdError, read_thresholds
from postsale.audit import PROFILE, Outcome, audit
from postsale.contract import SALT, Table, read_contract
from postsale.demo import write_demo
from postsale.landing import land
from postsale.publish import PublishError, publish
from postsale.render import render
from tests.harness import PROJECT, SHARED_DATA, run_models

SYSTEMS = ["salesforce", "stripe", "templates", "zuora"]
#: (suite, expectation, relation, column): one expectation.
Key = tuple[str, str, str, str | None]


def silent(_line: str) -> None:
    pass


def key(outcome: Outcome) -> Key:
    return outcome.suite, outcome.expectation, outcome.relation, outcome.column


def unmet(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if not outcome.is_met]


@dataclass(frozen=True)
class Company:
    """A build that was published twice without a change; ``first`` and ``second`` are the versions, audited."""

    out: Path
    manifest: Path
    first: list[Outcome]
    second: list[Outcome]

    @property
    def previous(self) -> Path:
        return self.out / "published" / "v000001"

    @property
    def current(self) -> Path:
        return self.out / "published" / "v000002"


def built(out: Path, systems: list[str], cache: Path) -> Path:
    """Builds what has landed as `dbt build` leaves it; returns dbt's manifest."""
    run_models(out, systems, cache, on_disk=True).close()
    (manifest,) = cache.glob("*/manifest.json")
    with duckdb.connect(str(out / "build" / "postsale.duckdb")) as connection:
        connection.execute("create schema build")
        connection.execute("create table build.outcome (problem varchar, target_path varchar)")
        connection.execute("insert into build.outcome values (null, ?)", [str(manifest.parent)])
    return manifest


def published(out: Path, manifest: Path) -> list[Outcome]:
    """Publishes, and returns what the audit found."""
    found: list[Outcome] = []

    def kept(*arguments: object) -> list[Outcome]:
        found.extend(audit(*arguments))  # type: ignore[arg-type]
        return found

    publish(out, manifest, silent, audit=kept)
    return found


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The demo company; exchange rates come in two dated drops, product usage in one."""
    folder = tmp_path_factory.mktemp("audited")
    raw, out = folder / "raw", folder / "out"
    write_demo(raw, 60, 16, 5, False, silent)
    for name, days in {
        "exchange_rates": ("2026-09-30", "2026-10-31"),
        "product_usage": ("2026-10-31",),
    }.items():
        content = (raw / "templates" / f"{name}.csv").read_bytes()
        (raw / "templates" / f"{name}.csv").unlink()
        (raw / "templates" / name).mkdir()
        for day in days:
            (raw / "templates" / name / f"{day}.csv").write_bytes(content)
    land(raw, out, SYSTEMS, PROJECT, silent)
    manifest = built(out, SYSTEMS, folder / "compiled")
    return Company(out, manifest, published(out, manifest), published(out, manifest))


# ---- Sound input ---------------------------------------------------------------------------------------------------------------


def test_a_sound_company_meets_every_expectation_on_its_first_publication_and_on_its_second(
    company: Company,
) -> None:
    assert len(company.first) > 60 and len(company.second) > 200
    assert unmet(company.first) == []
    assert unmet(company.second) == []
    assert {key(outcome) for outcome in company.first} < {key(outcome) for outcome in company.second}
    assert len({key(outcome) for outcome in company.second}) == len(company.second), "two share a name"


@pytest.mark.skipif(
    not (SHARED_DATA / "ravenstack").exists(), reason="the data set is not part of the project"
)
def test_an_unknown_company_meets_every_critical_expectation(tmp_path: Path) -> None:
    raw = tmp_path / "raw" / "ravenstack"
    raw.mkdir(parents=True)
    for path in (SHARED_DATA / "ravenstack").glob("ravenstack_*.csv"):
        shutil.copy(path, raw)
    land(tmp_path / "raw", tmp_path / "out", ["ravenstack"], PROJECT, silent)
    outcomes = published(tmp_path / "out", built(tmp_path / "out", ["ravenstack"], tmp_path / "compiled"))
    assert [outcome for outcome in unmet(outcomes) if outcome.severity == "critical"] == []


# ---- Every expectation can fail ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """Copies of what an audit reads, to be spoiled."""

    folder: Path

    @property
    def candidate(self) -> Path:
        return self.folder / "candidate" / "postsale.duckdb"

    @property
    def previous(self) -> Path:
        return self.folder / "previous" / "postsale.duckdb"

    @property
    def docs(self) -> Path:
        return self.folder / "docs"

    def sql(self, statements: str, database: Path | None = None) -> None:
        """Changes the candidate or another file."""
        with duckdb.connect(str(database or self.candidate)) as connection:
            connection.execute(statements)

    def spoil_exports(self, change: Callable[[Table], str], older: str = "select * from older") -> None:
        """Replaces the rows of the newest drop of every landed export by ``change``, a select from ``newest``."""
        for system in read_contract(PROJECT).values():
            for table in system.tables.values():
                folder = self.folder / "landed" / table.system / table.name
                if not folder.exists():
                    continue
                with duckdb.connect() as connection:
                    connection.execute(
                        f"create table landed as from read_parquet('{folder}/*.parquet', union_by_name = true);"
                        "create view newest as select * from landed"
                        " where _drop_date is not distinct from (select max(_drop_date) from landed);"
                        "create view older as select * from landed"
                        " where _drop_date is distinct from (select max(_drop_date) from landed)"
                    )
                    shutil.rmtree(folder)
                    folder.mkdir()
                    connection.execute(
                        f"copy ({change(table)} union all by name {older}) to '{folder}/spoiled.parquet' (format parquet)"
                    )

    def audit(self) -> list[Outcome]:
        return audit(self.candidate, self.folder, self.previous, self.docs, silent)


@pytest.fixture(scope="module")
def scene(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Scene]:
    def fresh() -> Scene:
        folder = tmp_path_factory.mktemp("scene")
        for version, name in ((company.current, "candidate"), (company.previous, "previous")):
            (folder / name).mkdir()
            for file in ("postsale.duckdb", PROFILE):
                shutil.copyfile(version / file, folder / name / file)
        shutil.copytree(company.out / "landed", folder / "landed")
        return Scene(folder)

    return fresh


def emptied(_table: Table) -> str:
    return "select * from newest where false"


def a_tenth(table: Table) -> str:
    """A tenth of the rows; product usage was left out of the newest drop."""
    day = "_drop_date - 60" if table.name == "product_usage" else "_drop_date"
    return f"select * replace (cast({day} as date) as _drop_date) from newest where _record % 10 = 1"


def fourfold(table: Table) -> str:
    """All rows four times; exchange rates were left out of the newest drop."""
    day = "_drop_date - 20" if table.name == "exchange_rates" else "_drop_date"
    return f"select newest.* replace (cast({day} as date) as _drop_date) from newest, range(4)"


def nonsense(table: Table) -> str:
    """Keys are gone, days are long ago, amounts absurd, counts negative, and every word is a new one."""
    never_negative = read_thresholds().defaults.never_negative
    values = []
    for column in table.columns:
        if column.data_type in ("date", "timestamp"):
            value = "'1066-10-14'"
        elif column.name in table.key:
            value = "null"
        elif column.name in never_negative:
            value = "'-7'"
        elif column.data_type in ("integer", "decimal"):
            value = "'4e15'"
        else:
            value = "'never seen before'"
        values.append(f'cast({value} as varchar) as "{column.name}"')
    return f"select * replace ({', '.join(values)}) from newest"


#: What spoils one expectation on a mart, and which: the column decides nothing. Rows are picked so that they do not meet.
SPOILED_MARTS: dict[tuple[str, str], str] = {
    ("dim_as_of", "one day"): "insert into marts.dim_as_of from marts.dim_as_of",
    ("dim_as_of", "time goes forward"): "update marts.dim_as_of set as_of_date = date '2020-01-31'",
    ("dim_as_of", "no mart is gone"): "drop table marts.fct_survival",
    ("dim_customers", "customers are unique"): "insert into marts.dim_customers from marts.dim_customers order by customer_id desc limit 1",
    ("dim_periods", "months are contiguous"): "delete from marts.dim_periods where period_grain = 'month' and period_end = '2026-02-28'",
    ("fct_customer_months", "revenue is not negative"): "update marts.fct_customer_months set mrr_amount = -1 where month_end = '2026-03-31'",
    ("fct_customer_months", "statuses are known"): "update marts.fct_customer_months set relationship_status = 'zombie' where month_end = '2026-03-31'",
    ("fct_customer_months", "customers are the sum of their product families"): "update marts.fct_product_family_months set mrr_amount = mrr_amount + 1 where month_end = '2026-04-30'",
    ("fct_product_family_months", "product families are the sum of their products"): "update marts.fct_recurring_revenue_months set mrr_amount = mrr_amount + 1 where month_end = '2026-05-31'",
    ("fct_retention", "the bridge closes"): "update marts.fct_retention set churn_mrr_amount = churn_mrr_amount + 1 where period_grain = 'month' and period_end = '2026-03-31'",
    ("fct_retention", "what was kept is at most what was there"): "update marts.fct_retention set kept_mrr_amount = opening_mrr_amount + 1 where period_grain = 'month' and period_end = '2026-04-30'",
    ("fct_retention_by_product_family", "drivers add up to the change"): "update marts.fct_retention_by_product_family set seat_amount = seat_amount + 1 where period_end = '2026-03-31'",
    ("fct_metric_values", "one value a metric, period and member"): "insert into marts.fct_metric_values from marts.fct_metric_values where dimension = 'tenure_band' limit 1",
    ("fct_metric_values", "coverage is a share"): "update marts.fct_metric_values set coverage = 1.5 where metric_key = 'new_arr' and dimension = 'tenure_band'",
    ("fct_metric_values", "metrics are in dim_metrics"): "update marts.fct_metric_values set metric_key = 'unheard_of' where metric_key = 'survival_median_months'",
    ("fct_metric_values", "rates of a whole lie between 0 and 1"): "update marts.fct_metric_values set value = 1.2 where metric_key = 'gross_mrr_churn_rate' and dimension = 'tenure_band'",
    ("fct_metric_values", "gross retention is at most net retention"): "update marts.fct_metric_values set value = 0 where metric_key = 'net_revenue_retention' and dimension = 'tenure_band'",
    ("fct_metric_values", "segments, regions and channels add up to the total"): "update marts.fct_metric_values set numerator = numerator + 1 where metric_key = 'arr' and dimension = 'region'",
    ("fct_metric_values", "the year is the trailing twelve months at its end"): "insert into marts.fct_metric_values select * replace ('t12m' as period_grain, value + 1 as value) from marts.fct_metric_values where metric_key = 'mrr' and period_grain = 'year' and dimension = 'tenure_band'",
    ("fct_metric_values", "recurring revenue is the sum over customers"): "update marts.fct_metric_values set numerator = numerator + 1 where metric_key = 'mrr' and period_end = '2026-06-30' and dimension in ('all', 'segment')",
    ("fct_metric_values", "active customers are counted"): "update marts.fct_customer_months set is_active = not is_active where month_end = '2026-05-31'",
    ("fct_metric_values", "the newest retention opens into its rows"): "update marts.fct_metric_values set numerator = numerator + 1 where metric_key = 'net_revenue_retention' and period_grain = 't12m'",
    ("fct_metric_values", "published headlines have not moved much"): "update marts.fct_metric_values set value = value * 2 where metric_key = 'mrr' and period_end = '2026-01-31'",
    ("fct_metric_values", "published headlines stand"): "update marts.fct_metric_values set value = value * 1.05 where metric_key = 'mrr' and period_end = '2026-02-28'",
    ("fct_metric_values", "recurring revenue moves in steps"): "update marts.fct_metric_values set value = value / 4 where metric_key = 'mrr' and period_end = '2026-10-31'",
    ("dq_row_accounting", "no row is lost"): "update marts.dq_row_accounting set is_balanced = false where table_name = 'invoice'",
}  # fmt: skip
FACTS_OF_CUSTOMERS = (
    "fct_customer_months",
    "fct_retention",
    "fct_recurring_revenue_months",
    "fct_revenue_changes",
)


def marts_of(database: Path, kind: str = "BASE TABLE") -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts' and table_type = ? order by 1",
                [kind],
            ).fetchall()
        ]


@pytest.fixture(scope="module")
def spoiled(scene: Callable[[], Scene]) -> dict[str, list[Outcome]]:
    """What four audits of spoiled copies found."""
    found: dict[str, list[Outcome]] = {}

    wrong = scene()
    wrong.spoil_exports(emptied, older="select * from older where false")
    for statement in SPOILED_MARTS.values():
        wrong.sql(statement)
    facts = " intersect ".join(f"select customer_id from marts.{fact}" for fact in FACTS_OF_CUSTOMERS)
    wrong.sql(f"delete from marts.dim_customers where customer_id = (select min(customer_id) from ({facts}))")
    found["wrong marts, empty exports"] = wrong.audit()

    richer = scene()
    richer.spoil_exports(a_tenth)
    for mart in marts_of(richer.previous):
        richer.sql(
            f"insert into marts.{mart} from marts.{mart}; alter table marts.{mart} add column gone integer",
            richer.previous,
        )
    for view in marts_of(richer.previous, "VIEW"):
        richer.sql(f"create or replace view marts.{view} as select 1 as gone", richer.previous)
    found["more was published before"] = richer.audit()

    nothing = scene()
    nothing.spoil_exports(fourfold)
    for mart in marts_of(nothing.candidate):
        nothing.sql(f"delete from marts.{mart}")
    found["empty marts, exports too large"] = nothing.audit()

    late = scene()
    late.spoil_exports(nonsense)
    late.sql("update marts.dim_as_of set as_of_date = as_of_date + 365")
    found["late marts, exports without sense"] = late.audit()
    return found


def test_every_expectation_can_fail(company: Company, spoiled: dict[str, list[Outcome]]) -> None:
    failed = {key(outcome) for outcomes in spoiled.values() for outcome in unmet(outcomes)}
    assert sorted({key(outcome) for outcome in company.second} - failed, key=str) == []


def test_what_fails_was_checked_and_says_what_was_found(spoiled: dict[str, list[Outcome]]) -> None:
    silent_failures = [
        outcome
        for outcomes in spoiled.values()
        for outcome in unmet(outcomes)
        if not outcome.observed or outcome.observed.startswith("could not be checked")
    ]
    assert silent_failures == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wrong marts, empty exports", {"rows are there"}),
        ("more was published before", {"volume has not dropped", "newest drop is there"}),
        ("empty marts, exports too large", {"volume has not exploded", "newest drop is there"}),
        (
            "late marts, exports without sense",
            {
                "records are fresh",
                "dates are possible",
                "amounts are possible",
                "counts are not negative",
                "no category is new",
                "fields are as filled as before",
                "distributions are as before",
            },
        ),
    ],
)
def test_what_is_wrong_with_the_exports_is_found_and_nothing_else(
    spoiled: dict[str, list[Outcome]], name: str, expected: set[str]
) -> None:
    assert {
        outcome.expectation for outcome in unmet(spoiled[name]) if outcome.suite == "raw_exports"
    } == expected


def test_what_is_wrong_with_the_marts_is_found_and_nothing_else(spoiled: dict[str, list[Outcome]]) -> None:
    found = {
        (outcome.relation, outcome.expectation)
        for outcome in unmet(spoiled["wrong marts, empty exports"])
        if outcome.suite == "marts"
    }
    assert found == SPOILED_MARTS.keys() | {
        (fact, "customers are in dim_customers") for fact in FACTS_OF_CUSTOMERS
    }
    assert {
        outcome.expectation
        for outcome in unmet(spoiled["more was published before"])
        if outcome.suite == "marts"
    } == {"no column is gone", "has not shrunk"}


# ---- What an unmet expectation does ---------------------------------------------------------------------------------------------


def test_an_unmet_critical_expectation_stops_publishing_and_names_the_data_docs(
    company: Company, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for part in ("build", "landed", "published"):
        shutil.copytree(company.out / part, out / part, symlinks=True)
    with duckdb.connect(str(out / "build" / "postsale.duckdb")) as connection:
        connection.execute(
            "update marts.fct_retention set new_mrr_amount = new_mrr_amount + 0.01 where period_end = '2026-10-31'"
        )
    served = (out / "published" / "current").resolve()
    with pytest.raises(PublishError) as error:
        publish(out, company.manifest, silent)
    assert "fct_retention: the bridge closes" in str(error.value) and "data_docs" in str(error.value)
    assert (out / "published" / "current").resolve() == served
    assert "the bridge closes" in next((out / "build" / "data_docs").rglob("*fct_retention.html")).read_text()


def test_under_another_policy_a_restatement_is_a_warning_that_says_so(scene: Callable[[], Scene]) -> None:
    changed = scene()
    changed.sql(
        "update marts.dim_as_of set policy_hash = 'another';"
        "update marts.fct_metric_values set value = value * 2 where metric_key = 'mrr' and period_end = '2026-01-31'"
    )
    (outcome,) = unmet(changed.audit())
    assert outcome.expectation == "published headlines have not moved much"
    assert outcome.severity == "warning" and "policy has changed" in outcome.expected
    assert outcome.observed is not None and outcome.observed.startswith("mrr month 2026-01-31: ")


def test_under_another_salt_no_category_looks_new(
    scene: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    salted = scene()
    monkeypatch.setenv(SALT, "another")
    outcomes = salted.audit()
    assert unmet(outcomes) == []
    assert not [outcome for outcome in outcomes if outcome.expectation == "no category is new"]
    assert [outcome for outcome in outcomes if outcome.expectation == "fields are as filled as before"]


# ---- Data Docs ------------------------------------------------------------------------------------------------------------------


def test_data_docs_and_outcomes_are_the_same_each_time_offline_and_without_customers_text(
    company: Company, scene: Callable[[], Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object) -> None:
        raise AssertionError("the audit speaks to the outside")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    again = scene()
    again.spoil_exports(nonsense)
    again.sql(
        "delete from marts.dim_customers where customer_id in (select customer_id from marts.dim_customers limit 20)"
    )
    outcomes = again.audit()
    pages = {
        path.relative_to(again.docs): path.read_bytes() for path in again.docs.rglob("*") if path.is_file()
    }
    assert again.audit() == outcomes and unmet(outcomes)
    assert pages == {
        path.relative_to(again.docs): path.read_bytes() for path in again.docs.rglob("*") if path.is_file()
    }

    text = b"\n".join(pages.values()).decode()
    assert {path.suffix for path in pages} == {".html"} and len(pages) > 25
    assert not re.search(r"https?:|//\w|<script|<link|<img|@import|url\(|\bon\w+=", text)
    with duckdb.connect(str(company.current / "postsale.duckdb"), read_only=True) as connection:
        names = [
            name for (name,) in connection.execute("select customer_name from marts.dim_customers").fetchall()
        ]
    assert len(names) > 50 and not [name for name in names if name in text]
    for path, content in pages.items():
        for target in re.findall(r'href="([^"#]+)"', content.decode()):
            assert (again.docs / path.parent / target).resolve().is_file(), f"{path} links to {target}"


def test_the_scorecard_shows_what_was_checked_and_links_to_the_data_docs(
    company: Company, tmp_path: Path
) -> None:
    home = render(company.current / "postsale.duckdb", tmp_path, silent)
    definitions = (home.parent / "definitions.html").read_text()
    assert f"<dt>Expectations</dt><dd>{len(company.second)} met</dd>" in home.read_text()
    assert (
        f"All {len(company.second)} expectations met" in definitions
        and 'href="data_docs/index.html"' in definitions
    )
    assert (home.parent / "data_docs" / "index.html").is_file()


def test_of_personal_and_identifying_columns_no_value_is_kept(company: Company) -> None:
    with duckdb.connect() as connection:
        kept = connection.execute(
            f"select distinct system, table_name, column_name from '{company.current / PROFILE}' where kind = 'category'"
        ).fetchall()
    contract = read_contract(PROJECT)
    columns = {
        (system, name, column.name): column
        for system in contract
        for name, table in contract[system].tables.items()
        for column in table.columns
    }
    assert ("stripe", "subscription_history", "status") in kept
    for system, table_name, name in kept:
        column = columns[system, table_name, name]
        assert not column.is_personal and column.data_type in ("text", "boolean")
        assert name not in contract[system].tables[table_name].key and not name.endswith("id")


# ---- Thresholds -----------------------------------------------------------------------------------------------------------------


def test_one_export_may_have_thresholds_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(
        THRESHOLDS.read_text().replace("overrides: {}", "overrides: {stripe.coupon: {may_be_empty: true}}")
    )
    thresholds = read_thresholds(path)
    assert thresholds.of("stripe", "coupon").may_be_empty
    assert not thresholds.of("stripe", "invoice").may_be_empty
    assert thresholds.of("stripe", "coupon").max_drift == thresholds.defaults.max_drift


@pytest.mark.parametrize(
    ("line", "written", "says"),
    [
        ("max_drift: 0.25", "max_drift: much", r"exports\.defaults\.max_drift is 'much'; expected: float"),
        ("max_drift: 0.25", "max_drif: 0.25", r"exports\.defaults\.max_drif is not known"),
        ("max_shrinkage: 0.1", "# no line", r"marts lacks max_shrinkage"),
        (
            "overrides: {}",
            "overrides: {stripe.coupon: 3}",
            r"exports\.overrides\.stripe\.coupon is no mapping",
        ),
    ],
)
def test_a_wrong_threshold_is_one_clear_error(tmp_path: Path, line: str, written: str, says: str) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(THRESHOLDS.read_text().replace(line, written))
    with pytest.raises(ThresholdError, match=says):
        read_thresholds(path)


def test_the_suites_load_in_an_interpreter_without_a_main_file() -> None:
    """As in a worker process or an embedded interpreter, which pyspark would end without a word."""
    result = subprocess.run(
        [sys.executable, "-c", "import expectations.validation; print('loaded')"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "loaded\n"), result.stderr
