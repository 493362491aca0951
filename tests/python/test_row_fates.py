"""Every row of an export has exactly one fate, and the numbers say which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from postsale.contract import read_contract
from postsale.landing import land
from tests.harness import PROJECT, run_models, write_csv

LINE: dict[str, Any] = {
    "contract_line_id": "L1",
    "account_id": "A",
    "contract_id": "C1",
    "start_date": "2024-01-01",
    "end_date": "",
    "mrr_amount": "100",
    "currency": "USD",
    "recorded_date": "2024-01-01",
}


def line(**changes: Any) -> dict[str, Any]:
    return {**LINE, **changes}


def build(
    folder: Path, cache: Path, files: dict[str, list[dict[str, Any]]], **variables: Any
) -> duckdb.DuckDBPyConnection:
    for name, rows in files.items():
        write_csv(folder / "raw" / "templates" / name, rows)
    land(folder / "raw", folder / "out", ["templates"], PROJECT, lambda _line: None)
    return run_models(folder / "out", ["templates"], cache, **variables)


def fates(connection: duckdb.DuckDBPyConnection, table_name: str = "contract_lines") -> dict[str, int]:
    cursor = connection.execute("select * from marts.dq_row_accounting where table_name = ?", [table_name])
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    assert row is not None
    found = dict(zip(names, row, strict=True))
    assert found["is_balanced"]
    return {
        name.removesuffix("_count"): value
        for name, value in found.items()
        if name.endswith("_count") and value
    }


def mrr(connection: duckdb.DuckDBPyConnection, month_end: str) -> float:
    row = connection.execute(
        "select sum(mrr_amount) from marts.fct_customer_months where month_end = cast(? as date)", [month_end]
    ).fetchone()
    assert row is not None
    return float(row[0] or 0)


def test_the_newest_drop_of_a_key_wins_and_older_ones_are_history(tmp_path: Path, model_cache: Path) -> None:
    drops = {
        "contract_lines/2024-01-31.csv": [
            line(),
            line(contract_line_id="L2", contract_id="C2", mrr_amount="10"),
        ],
        "contract_lines/2024-02-29.csv": [
            line(mrr_amount="120"),
            line(contract_line_id="L2", contract_id="C2", mrr_amount="10"),
        ],
    }
    connection = build(tmp_path, model_cache, drops)
    assert fates(connection) == {"accepted": 2, "superseded": 1, "exact_duplicate": 1}
    assert mrr(connection, "2024-02-29") == 130
    history = connection.execute(
        "select mrr_amount from staging.base_templates__contract_lines where contract_line_id = 'L1' order by _drop_date"
    ).fetchall()
    assert [float(amount) for (amount,) in history] == [100, 120]


def test_a_past_as_of_date_reads_the_drops_of_then(tmp_path: Path, model_cache: Path) -> None:
    drops = {
        "contract_lines/2024-01-31.csv": [line()],
        "contract_lines/2024-02-29.csv": [
            line(mrr_amount="120"),
            line(contract_line_id="L2", contract_id="C2", recorded_date="2024-02-10"),
        ],
    }
    connection = build(tmp_path, model_cache, drops, as_of_date="2024-01-31")
    assert fates(connection) == {"accepted": 1, "after_as_of": 2}
    assert mrr(connection, "2024-01-31") == 100


def test_rows_that_cannot_be_cast_or_keyed_are_kept_with_file_record_reason_and_text(
    tmp_path: Path, model_cache: Path
) -> None:
    rows = [
        line(),
        line(contract_line_id="L2", start_date="2024-02-30"),
        line(contract_line_id="", mrr_amount="1,000"),
    ]
    connection = build(tmp_path, model_cache, {"contract_lines.csv": rows}, as_of_date="2024-06-30")
    assert fates(connection) == {"accepted": 1, "rejected": 2}
    rejected = connection.execute(
        "select file, record_number, reason, raw_text from marts.dq_rejected_rows order by record_number"
    ).fetchall()
    assert [row[:3] for row in rejected] == [
        ("templates/contract_lines.csv", 2, "start_date is no date"),
        ("templates/contract_lines.csv", 3, "key contract_line_id is empty; mrr_amount is no decimal"),
    ]
    assert "2024-02-30" in rejected[0][3] and "1,000" in rejected[1][3]


def test_a_contradiction_keeps_one_row_whatever_the_order_and_lists_the_other(
    tmp_path: Path, model_cache: Path
) -> None:
    kept = []
    for name, rows in {"a": [line(), line(mrr_amount="200")], "b": [line(mrr_amount="200"), line()]}.items():
        connection = build(
            tmp_path / name, model_cache, {"contract_lines.csv": rows}, as_of_date="2024-06-30"
        )
        assert fates(connection) == {"accepted": 1, "rejected": 1}
        reason = connection.execute("select reason from marts.dq_rejected_rows").fetchall()
        assert reason == [("contradicts another record with the same key contract_line_id",)]
        kept.append(mrr(connection, "2024-03-31"))
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("text", "month_end", "expected"),
    [
        ("2024-01-31T23:30:00Z", "2024-01-31", 100.0),
        ("2024-02-01T00:30:00+02:00", "2024-01-31", 100.0),
        ("2024-02-01", "2024-01-31", 0.0),
    ],
)
def test_a_time_zone_written_in_an_export_is_honoured(
    tmp_path: Path, model_cache: Path, text: str, month_end: str, expected: float
) -> None:
    connection = build(
        tmp_path, model_cache, {"contract_lines.csv": [line(start_date=text)]}, as_of_date="2024-06-30"
    )
    assert mrr(connection, month_end) == expected


def test_an_export_far_ahead_of_all_others_does_not_move_the_clock(tmp_path: Path, model_cache: Path) -> None:
    files = {
        "contract_lines.csv": [line(recorded_date="2024-05-31")],
        "customers.csv": [{"account_id": "A", "recorded_date": "2099-01-01"}],
        "loss_reasons.csv": [
            {
                "loss_reason_id": "R",
                "account_id": "A",
                "reason_date": "2024-05-01",
                "reason_source": "cs_risk",
                "recorded_date": "2024-05-30",
            }
        ],
    }
    connection = build(tmp_path, model_cache, files)
    assert str(connection.execute("select as_of_date from marts.dim_as_of").fetchall()[0][0]) == "2024-05-31"
    found = connection.execute(
        "select subject_id from marts.dq_findings where finding like 'export is far ahead%'"
    ).fetchall()
    assert found == [("customers",)]


def test_absent_exports_and_columns_are_listed_with_what_goes_without_them(
    tmp_path: Path, model_cache: Path
) -> None:
    connection = build(tmp_path, model_cache, {"contract_lines.csv": [line()]}, as_of_date="2024-06-30")
    absent = {
        name
        for (name,) in connection.execute(
            "select table_name from marts.dq_exports where not is_present"
        ).fetchall()
    }
    assert absent == set(read_contract(PROJECT)["templates"].tables) - {"contract_lines"}
    missing = connection.execute(
        "select needed_by from marts.dq_columns where table_name = 'contract_lines' and column_name = 'quantity' and not is_present"
    ).fetchall()
    assert missing and missing[0][0]


@pytest.mark.parametrize(("time_zone", "in_january"), [("UTC", 0.0), ("America/New_York", 100.0)])
def test_a_day_ends_in_the_reporting_time_zone(
    tmp_path: Path, model_cache: Path, time_zone: str, in_january: float
) -> None:
    """Two in the morning of 1 February in London is the evening of 31 January in New York."""
    start, end = "2024-02-01 02:00:00", "2025-02-01 02:00:00"
    exports: dict[str, list[dict[str, Any]]] = {
        "customer": [{"id": "cus", "created": start, "livemode": "true"}],
        "product": [{"id": "prod", "name": "Suite", "livemode": "true"}],
        "price": [
            {
                "id": "price", "product_id": "prod", "currency": "usd", "unit_amount": 120000, "recurring_interval": "year",
                "recurring_interval_count": 1, "recurring_usage_type": "licensed", "livemode": "true",
            }
        ],
        "subscription_history": [
            {
                "id": "sub", "customer_id": "cus", "status": "active", "created": start, "start_date": start,
                "current_period_start": start, "current_period_end": end, "_fivetran_active": "true", "livemode": "true",
            }
        ],
        "subscription_item": [
            {
                "id": "item", "subscription_id": "sub", "plan_id": "price", "quantity": 1, "created": start,
                "current_period_start": start, "current_period_end": end,
            }
        ],
    }  # fmt: skip
    for name, rows in exports.items():
        write_csv(tmp_path / "raw" / "stripe" / f"{name}.csv", rows)
    land(tmp_path / "raw", tmp_path / "out", ["stripe"], PROJECT, lambda _line: None)
    connection = run_models(
        tmp_path / "out", ["stripe"], model_cache, as_of_date="2024-06-30", reporting_timezone=time_zone
    )
    assert (mrr(connection, "2024-01-31"), mrr(connection, "2024-02-29")) == (in_january, 100.0)
