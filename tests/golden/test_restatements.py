"""Month close: what was published of a closed period is kept, and what changes it later is named.

Builds are published by the real ``publish`` into one folder after another; the amounts of the small company stand beside it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.publish import PublishError, publish
from tests.golden.drops import APR, MAR, MAY, Deliveries, Replay
from tests.golden.warehouse import Builder, Warehouse

FEB_END, MAR_END = date(2025, 2, 28), date(2025, 3, 31)
JUN = date(2025, 6, 30)


@dataclass
class Readers:
    """One folder of published versions."""

    out: Path
    manifest: Path

    def publish(self, warehouse: Warehouse) -> None:
        """Publishes a finished build, as ``postsale publish`` does."""
        source = self.out.parent / "source"
        file = self.out / "build" / "postsale.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        warehouse.connection.execute(f"attach '{file}' as file")
        warehouse.connection.execute("copy from database postsale to file; detach file")
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema build")
            connection.execute(
                f"create table build.outcome as select null::varchar as problem, '{source}' as target_path"
            )
        publish(self.out, self.manifest, lambda _line: None, audit=lambda *_: [])

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Reads the current version as a BI tool does."""
        file = self.out / "published" / "current" / "postsale.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def restated(self, key: str, grain: str, dimension: str = "all") -> Mapping[date, tuple[Any, ...]]:
        """Period → first published, prior and restated value, delta and reason, of the newest version."""
        return {
            row[0]: row[1:]
            for row in self.rows(
                "select period_end, first_published_value, prior_value, restated_value, restated_delta, reason"
                " from marts.fct_restatements where metric_key = ? and period_grain = ? and dimension = ?"
                " and version = (select max(version) from marts.fct_publications) order by all",
                key, grain, dimension,
            )
        }  # fmt: skip

    def publications(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select version, as_of_date, is_history_start, is_look_back, first_published_count > 0, restated_count > 0"
            " from marts.fct_publications order by version"
        )


def small_company() -> Deliveries:
    """Six customers since 2024: 100 + 200 + 300 + 400 + 500 a month; F pauses for 50 days over the end of February and March.

    May corrects C's 300 to 240 from the start and brings G; June moves B to another segment.
    """
    deliveries = Deliveries()
    lines = "templates/contract_lines"
    for number, name in enumerate("ABCDE", start=1):
        deliveries.add("templates/customers", APR, {"account_id": name, "segment": "Small"})
        deliveries.add(lines, APR, line(name, f"L{number}", 100 * number))
    deliveries.add("templates/customers", APR, {"account_id": "F", "segment": "Small"})
    deliveries.add(lines, APR, line("F", "L6", 50, end="2025-02-20"))
    deliveries.add(lines, APR, line("F", "L7", 50, start="2025-04-11"))
    deliveries.add(
        "templates/customers", MAY, {"account_id": "G", "segment": "Small", "recorded_date": "2025-05-02"}
    )
    deliveries.add(lines, MAY, line("C", "L3", 240))
    deliveries.add(lines, MAY, {**line("G", "L8", 70, start="2025-05-02"), "recorded_date": "2025-05-02"})
    deliveries.add("templates/customers", JUN, {"account_id": "B", "segment": "Enterprise"})
    return deliveries


def line(
    account: str, key: str, mrr: int, start: str = "2024-01-01", end: str | None = None
) -> dict[str, Any]:
    return {
        "contract_line_id": key, "account_id": account, "product_id": "core", "start_date": start, "end_date": end,
        "mrr_amount": mrr, "quantity": 5,
    }  # fmt: skip


@pytest.fixture(scope="module")
def company(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return Replay(build, tmp_path_factory.mktemp("small"), small_company(), ("templates",), JUN)


@pytest.fixture
def readers(build: Builder, company: Replay, tmp_path: Path) -> Readers:
    company.known_on(APR, None)
    manifests: Sequence[Path] = sorted((build.folder / "compiled").glob("target-*/manifest.json"))
    return Readers(tmp_path / "out", manifests[0])


def test_a_later_correction_is_shown_with_its_rows(readers: Readers, company: Replay) -> None:
    readers.publish(company.known_on(APR, None))
    assert readers.publications() == [("v000001", APR, True, False, True, False)]
    assert readers.rows("select count(*) from marts.fct_restatements") == [(0,)]

    readers.publish(company.known_on(MAY, None))

    # 12 × (100 + 200 + 300 + 400 + 500) = 18,000 at the end of March, when F pauses; C's 60 less a month are 720 a year.
    march = readers.restated("arr", "month")[MAR_END]
    assert march == (Decimal(18000), Decimal(18000), Decimal(17280), Decimal(-720), "data")
    # 2025-04-30 was closed by the first version, 2025-05-31 is published for the first time.
    assert set(readers.restated("arr", "month")) == {
        day for (day,) in readers.rows("select period_end from marts.dim_periods where period_grain = 'month' and period_end <= '2025-04-30'")
    }  # fmt: skip
    assert readers.rows(
        "select first_version, first_value, restatement_count from marts.fct_published_values"
        " where metric_key = 'arr' and period_grain = 'month' and period_end = '2025-05-31' and dimension = 'all'"
    ) == [("v000002", Decimal(12 * 1560), 0)]
    # One customer is behind it, and its share is the whole change.
    assert readers.rows(
        "select subject_id, numerator_before, numerator_after, numerator_delta from marts.fct_restatement_causes"
        " where metric_key = 'arr' and period_grain = 'month' and period_end = ?", MAR_END,
    ) == [("templates:C", Decimal(3600), Decimal(2880), Decimal(-720))]  # fmt: skip
    assert readers.rows("select distinct subject_id from marts.fct_restatement_causes") == [("templates:C",)]
    # In the contracts it is one product, from the first month to the last closed one.
    assert readers.rows("select * exclude (version) from marts.fct_restatement_products") == [
        ("templates:C", "templates:core", "USD", date(2024, 1, 31), date(2025, 4, 30), *map(Decimal, (300, 240, 300, 240, 5, 5)))
    ]  # fmt: skip
    # In the exports it is one record, and the one it replaced.
    assert readers.rows("select * exclude (version) from marts.fct_restatement_records") == [
        ("templates:C", "templates", "contract_lines", "L3", "templates/contract_lines/2025-05-31.csv", 1, MAY,
         "templates/contract_lines/2025-04-30.csv", 3)
    ]  # fmt: skip
    # Survival is shown for the newest month only: April's is kept, and not taken back when May's comes.
    survival = "metric_key = 'relationship_survival_rate' and dimension = 'all'"
    assert readers.rows(
        f"select period_end, restatement_count from marts.fct_published_values where {survival} order by all"
    ) == [(APR, 0), (MAY, 0)]


def test_publishing_the_same_build_again_restates_nothing(readers: Readers, company: Replay) -> None:
    for day in (APR, MAY, MAY):
        readers.publish(company.known_on(day, None))
    assert [row[4:] for row in readers.publications()] == [(True, False), (True, True), (False, False)]
    # What was restated before is carried on, and stays the history of its version.
    assert readers.rows("select distinct version from marts.fct_restatements") == [("v000002",)]
    assert readers.rows("select distinct version from marts.fct_restatement_causes") == [("v000002",)]


def test_another_policy_is_no_change_of_the_data(build: Builder, readers: Readers, company: Replay) -> None:
    readers.publish(company.known_on(APR, None))
    raw = company.folder / str(APR)
    readers.publish(build.from_raw(raw, ("templates",), as_of_date=None, renewal_grace_days=60))
    # F's gap of 50 days is bridged under 60 days of grace: 50 × 12 more at the end of February and March.
    assert readers.restated("arr", "month") == {
        day: (Decimal(18000), Decimal(18000), Decimal(18600), Decimal(600), "policy")
        for day in (FEB_END, MAR_END)
    }
    assert readers.rows("select distinct cause from marts.fct_restatements") == [("policy",)]
    assert readers.rows("select policy_changes from marts.fct_publications order by version") == [
        (None,),
        ("renewal_grace_days: 30 → 60",),
    ]
    assert readers.rows("select count(*) from marts.fct_restatement_causes") == [(0,)]

    readers.publish(company.known_on(APR, None))
    assert readers.restated("arr", "month")[MAR_END][1:4] == (Decimal(18600), Decimal(18000), Decimal(-600))
    assert readers.rows(
        "select delta_since_close, restatement_count from marts.fct_published_values"
        " where metric_key = 'arr' and period_grain = 'month' and period_end = ? and dimension = 'all'", MAR_END,
    ) == [(Decimal(0), 2)]  # fmt: skip


def test_a_customer_that_moves_restates_its_segments_and_not_the_company(
    readers: Readers, company: Replay
) -> None:
    readers.publish(company.known_on(MAY, None))
    readers.publish(company.known_on(JUN, None))
    assert readers.restated("arr", "month") == {}
    assert readers.rows(
        "select distinct dimension, cause from marts.fct_restatements where metric_key = 'arr'"
    ) == [("segment", "members")]
    # B's 200 a month leave the segment it had, and are published anew where it is.
    assert readers.restated("arr", "month", "segment")[MAR_END][1:4] == (
        Decimal(17280),
        Decimal(14880),
        Decimal(-2400),
    )
    assert readers.rows("select * exclude (version) from marts.fct_restatement_moves") == [
        ("templates:B", "segment", "Small", "Enterprise")
    ]
    assert ("customers", "B") in readers.rows(
        "select table_name, record_key from marts.fct_restatement_records"
    )


def test_a_look_back_closes_and_restates_nothing(readers: Readers, company: Replay) -> None:
    for warehouse in (company.known_on(MAY, None), company.replayed_to(APR), company.known_on(MAY, None)):
        readers.publish(warehouse)
    assert [row[3:] for row in readers.publications()] == [
        (False, True, False),
        (True, False, False),
        (False, False, False),
    ]


def test_history_begins_anew_where_the_versions_are_lost_and_says_so(
    readers: Readers, company: Replay
) -> None:
    readers.publish(company.known_on(APR, None))
    lost = readers.out / "published"
    lost.rename(readers.out / "lost")
    readers.publish(company.known_on(MAY, None))
    assert readers.publications() == [("v000001", MAY, True, False, True, False)]


def test_a_broken_version_stops_publishing_with_its_name(readers: Readers, company: Replay) -> None:
    readers.publish(company.known_on(APR, None))
    file = readers.out / "published" / "current" / "postsale.duckdb"
    os.chmod(file, 0o644)
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(
        PublishError, match=r"v000001/postsale\.duckdb, cannot be read.*\n.*Restore that file"
    ):
        readers.publish(company.known_on(MAY, None))


def test_causes_add_up_to_every_restated_value(months: Replay, readers: Readers) -> None:
    """The random company of the replay: a line's amount, an end, a segment, an exchange rate and an invoice change at once."""
    readers.publish(months.known_on(MAR, MAR))
    readers.publish(months.known_on(APR, APR))
    restated = readers.rows("select cause, count(*) from marts.fct_restatements group by all order by all")
    assert {cause for cause, _ in restated} == {"members", "months", "subjects"} and sum(
        n for _, n in restated
    ) > 1000
    keys = "metric_key, period_grain, period_end, dimension"
    sums = (
        f"select {keys}, member, sum(numerator_delta) as numerator, sum(denominator_delta) as denominator"
        " from marts.fct_restatement_causes group by all"
    )
    off = readers.rows(
        f"select {keys}, member, restated_numerator, prior_numerator, sums.numerator from marts.fct_restatements"
        f" left join ({sums}) as sums using ({keys}, member) where cause = 'subjects' and ("
        " coalesce(sums.numerator, 0) <> coalesce(restated_numerator, 0) - coalesce(prior_numerator, 0)"
        " or coalesce(sums.denominator, 0) <> coalesce(restated_denominator, 0) - coalesce(prior_denominator, 0))"
    )
    assert off == []
    # Nothing but restated values has causes.
    assert (
        readers.rows(
            f"select distinct {keys} from marts.fct_restatement_causes except select {keys} from marts.fct_restatements"
        )
        == []
    )


def test_every_column_of_the_log_is_described_and_every_table_written(
    readers: Readers, company: Replay
) -> None:
    readers.publish(company.known_on(APR, None))
    log = {"fct_publications", "fct_published_values", "fct_restatements", "fct_restatement_causes",
           "fct_restatement_products", "fct_restatement_moves", "fct_restatement_records"}  # fmt: skip
    assert log <= {
        path.stem for path in (readers.out / "published" / "current" / "parquet").glob("*.parquet")
    }
    assert (
        readers.rows(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and coalesce(comment, '') = ''"
        )
        == []
    )
