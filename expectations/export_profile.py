"""What the exports look like: rows, empty fields, categories and distributions, compared with the drop before.

The newest dated drop of an export is compared with the dated drop before it; where there is none, with the profile that was
kept at the last publication. Categories, text with few different values that is no key, id, name or personal data, are kept as
salted keys: they compare, and a name that slipped into the wrong column is nowhere to be read. Messages name only values that
many rows share. Numbers are kept as counts by magnitude (half powers of ten), so two profiles always compare.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from expectations.thresholds import ExportThresholds, Thresholds
from postsale.contract import SALT, Column, System, Table
from postsale.landing.sql import sql_name, sql_text

#: Categories kept of a column; a column that exceeds them is no longer one of categories.
_KEPT_MEMBERS = 200
_SAMPLE = 5
#: What the salt of the keys is told by, without telling it.
_SALT_KEY = "sha256(getvariable('postsale_salt') || '|salt')"
_NUMBERS = ("integer", "decimal")
_DATES = ("date", "timestamp")


def profile_exports(
    connection: duckdb.DuckDBPyConnection,
    landed: Path,
    contract: Iterable[System],
    thresholds: Thresholds,
    previous: Path | None,
) -> None:
    """Writes the tables of schema ``raw_exports``, the profile of every export of ``contract`` and what it comes to.

    ``profile``: rows by export, column and member, ``side`` now or before. ``measures``: one figure of an export or column,
    with the figure before where the two compare. ``previous`` is the profile kept at the last publication.
    """
    connection.execute(f"set variable postsale_salt = {sql_text(os.environ.get(SALT, ''))}")
    connection.execute("create schema raw_exports")
    connection.execute(
        """
        create table raw_exports.profile (
            side varchar, system varchar, table_name varchar, drop_date date,
            column_name varchar, kind varchar, member varchar, row_count bigint
        );
        create table raw_exports.measures (
            system varchar, table_name varchar, column_name varchar, measure varchar,
            value double, value_before double, detail varchar
        );
        create table raw_exports.labels (system varchar, table_name varchar, column_name varchar, member varchar, label varchar);
        create table raw_exports.limits (system varchar, table_name varchar, min_rows bigint, min_rows_of_shapes bigint);
        """
    )
    exports = [table for system in contract for table in system.tables.values()]
    if previous is not None:
        # Under another salt every category would look new: the first audit after its change compares none.
        connection.execute(
            f"create view kept as from read_parquet({sql_text(previous)}) where kind <> 'category' or {_SALT_KEY} = ("
            f"select decode(value) from parquet_kv_metadata({sql_text(previous)}) where decode(key) = 'salt')"
        )
    else:
        connection.execute("create view kept as select * exclude (side) from raw_exports.profile where false")
    for table in exports:
        limits = thresholds.of(table.system, table.name)
        connection.execute(
            "insert into raw_exports.limits values (?, ?, ?, ?)",
            [table.system, table.name, limits.min_rows, limits.min_rows_of_shapes],
        )
        _profile_export(connection, landed, table, limits)
    _compare(connection)


def keep_profile(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Writes the present profile as Parquet for the next publication to compare with."""
    row = connection.execute(f"select {_SALT_KEY}").fetchone()
    assert row is not None
    connection.execute(
        "copy (select * exclude (side) from raw_exports.profile where side = 'now' order by all)"
        f" to {sql_text(path)} (format parquet, kv_metadata {{salt: {sql_text(row[0])}}})"
    )


def _profile_export(
    connection: duckdb.DuckDBPyConnection, landed: Path, table: Table, limits: ExportThresholds
) -> None:
    files = landed / table.system / table.name / "*.parquet"
    drops = []
    if any(files.parent.glob(files.name)):
        connection.execute(
            f"create or replace temp view landed as from read_parquet({sql_text(files)}, union_by_name = true)"
        )
        drops = connection.execute(
            "select distinct _drop_date from landed order by _drop_date desc nulls last limit 2"
        ).fetchall()
    if not drops:
        _insert(connection, table, "now", None, [("rows", None, None, 0)])
    sides = [(side, drop) for side, (drop,) in zip(("now", "before"), drops, strict=False)]
    if len(sides) < 2:
        connection.execute(
            "insert into raw_exports.profile select 'before', * from kept where system = ? and table_name = ?",
            [table.system, table.name],
        )
    for side, drop in reversed(sides):  # before comes first: its categories are counted now, too
        connection.execute(
            "create or replace temp view drop_rows as select * from landed where "
            + ("_drop_date is null" if drop is None else f"_drop_date = date '{drop}'")
        )
        _profile_drop(connection, table, limits, side, drop)


def _profile_drop(
    connection: duckdb.DuckDBPyConnection, table: Table, limits: ExportThresholds, side: str, drop: object
) -> None:
    """One pass for counts, one look at each column worth a distribution."""
    candidates = [column for column in table.columns if _may_be_category(column, table)]
    totals = connection.execute(
        "select count(*), "
        + ", ".join(f"count({_field(column)})" for column in table.columns)
        + "".join(f", approx_count_distinct({_field(column)})" for column in candidates)
        + " from drop_rows"
    ).fetchone()
    assert totals is not None
    row_count, filled, distinct = (
        totals[0],
        totals[1 : len(table.columns) + 1],
        totals[len(table.columns) + 1 :],
    )
    _insert(
        connection,
        table,
        side,
        drop,
        [
            ("rows", None, None, row_count),
            *(
                ("empty", column.name, None, row_count - count)
                for column, count in zip(table.columns, filled, strict=True)
            ),
        ],
    )
    known = _names(
        connection,
        "select distinct column_name from raw_exports.profile where side = 'before' and kind = 'category'"
        " and system = ? and table_name = ?",
        table,
    )
    categories = [
        column
        for column, count in zip(candidates, distinct, strict=True)
        if column.name in known
        or 0 < count <= min(limits.max_categories, row_count / limits.min_rows_per_category)
    ]
    numbers = [
        column
        for column in table.columns
        if column.data_type in _NUMBERS and not column.is_personal and column.name not in table.key
    ]
    members = [(column, "category", _key(_category(column))) for column in categories]
    members += [(column, "magnitude", _magnitude(column)) for column in numbers]
    for column, kind, expression in members:
        connection.execute(
            "insert into raw_exports.profile"
            f" select ?, ?, ?, ?, ?, ?, {expression} as member, count(*) as row_count from drop_rows"
            f" group by member having member is not null order by row_count desc, member limit {_KEPT_MEMBERS}",
            [side, table.system, table.name, drop, column.name, kind],
        )
    if side == "now":
        for column in categories:
            connection.execute(
                f"insert into raw_exports.labels select ?, ?, ?, {_key('label')}, {_category(column)} as label from drop_rows"
                f" group by label having label is not null and count(*) >= {limits.min_rows_per_category}",
                [table.system, table.name, column.name],
            )
    if side == "now" and row_count:
        _measure_ranges(connection, table, limits)


def _measure_ranges(connection: duckdb.DuckDBPyConnection, table: Table, limits: ExportThresholds) -> None:
    """Counts the dates, amounts and quantities that cannot be meant. The year 9999 is a loader's word for no end."""
    checks: list[tuple[str, str, str]] = []
    for column in table.columns:
        number = f"try_cast({_field(column)} as double)"
        day = f"try_cast(left({_field(column)}, 10) as date)"
        if column.data_type in _DATES:
            latest = f"(select max(as_of_date) from marts.dim_as_of) + interval {limits.max_years_ahead} year"
            checks.append(
                (
                    column.name,
                    "dates_out_of_range",
                    f"({day} < date '{limits.earliest_date}' or {day} > {latest}) and year({day}) < 9999",
                )
            )
        if column.data_type == "decimal":
            checks.append((column.name, "amounts_out_of_range", f"not abs({number}) <= {limits.max_amount}"))
        if column.data_type in _NUMBERS and column.name in limits.never_negative:
            checks.append((column.name, "negatives", f"{number} < 0"))
    if not checks:
        return
    counts = connection.execute(
        "select "
        + ", ".join(f"count(*) filter ({condition})" for _, _, condition in checks)
        + " from drop_rows"
    ).fetchone()
    assert counts is not None
    connection.executemany(
        "insert into raw_exports.measures values (?, ?, ?, ?, ?, null, null)",
        [
            [table.system, table.name, column, measure, count]
            for (column, measure, _), count in zip(checks, counts, strict=True)
        ],
    )


def _compare(connection: duckdb.DuckDBPyConnection) -> None:
    """The figures of now beside those before, where there are enough rows to compare."""
    connection.execute(
        f"""
        create temp table totals as
        select system, table_name,
            max(row_count) filter (side = 'now') as rows_now, max(row_count) filter (side = 'before') as rows_before,
            max(drop_date) filter (side = 'now') as drop_now, max(drop_date) filter (side = 'before') as drop_before
        from raw_exports.profile where kind = 'rows' group by system, table_name;

        insert into raw_exports.measures
        select system, table_name, null, 'rows', rows_now, rows_before,
            case when drop_before is not null and drop_before <> drop_now then concat('drop of ', drop_before) else 'last publication' end
        from totals;

        insert into raw_exports.measures
        select system, table_name, null, 'rows_of_many', rows_now, rows_before, null
        from totals inner join raw_exports.limits using (system, table_name)
        where rows_before >= min_rows and rows_now > 0;

        insert into raw_exports.measures
        select system, table_name, null, 'drop_lag_days',
            date_diff('day', drop_now, max(drop_now) over (partition by system)), null, cast(drop_now as varchar)
        from totals where drop_now is not null;

        insert into raw_exports.measures
        select newest.system, null, null, 'record_lag_days',
            date_diff('day', newest.day, as_of.as_of_date), null, cast(newest.day as varchar)
        from (select system, max(newest_recorded_date) as day from marts.dq_exports where is_present group by system) as newest
        cross join (select max(as_of_date) as as_of_date from marts.dim_as_of) as as_of
        where newest.day is not null;

        insert into raw_exports.measures
        select system, table_name, column_name, 'empty_share',
            sum(profile.row_count) filter (side = 'now') / max(rows_now),
            sum(profile.row_count) filter (side = 'before') / max(rows_before), null
        from raw_exports.profile as profile
        inner join totals using (system, table_name)
        inner join raw_exports.limits using (system, table_name)
        where kind = 'empty' and least(rows_now, rows_before) >= min_rows
        group by system, table_name, column_name
        having count(distinct side) = 2;

        create temp table shares as
        select system, table_name, column_name, kind, member,
            coalesce(sum(row_count) filter (side = 'now'), 0) as count_now,
            coalesce(sum(row_count) filter (side = 'before'), 0) as count_before
        from raw_exports.profile where kind in ('category', 'magnitude')
        group by system, table_name, column_name, kind, member;

        insert into raw_exports.measures
        select system, table_name, column_name, 'new_categories',
            count(*) filter (count_before = 0), count(*) filter (count_before > 0),
            array_to_string(list_sort(list(coalesce(label, 'of few rows')) filter (count_before = 0))[:{_SAMPLE}], ', ')
        from shares
        left join raw_exports.labels using (system, table_name, column_name, member)
        where kind = 'category'
        group by system, table_name, column_name
        having sum(count_before) > 0 and sum(count_now) > 0;

        insert into raw_exports.measures
        with sums as (
            select system, table_name, column_name, sum(count_now) as sum_now, sum(count_before) as sum_before
            from shares group by system, table_name, column_name
        )
        select system, table_name, column_name, 'drift',
            round(sum(abs(count_now / sum_now - count_before / sum_before)) / 2, 6), null, null
        from shares
        inner join sums using (system, table_name, column_name)
        inner join raw_exports.limits using (system, table_name)
        where least(sum_now, sum_before) >= min_rows_of_shapes
        group by system, table_name, column_name;
        """
    )


def _may_be_category(column: Column, table: Table) -> bool:
    """Whether a column's values may be kept: neither personal nor a key, id, name or free text."""
    return (
        column.data_type in ("text", "boolean")
        and not column.is_personal
        and column.name not in table.key
        and column.name not in ("name", "title")
        and not {"id", "number", "description", "comment", "text", "email"} & set(column.name.split("_"))
    )


def _field(column: Column) -> str:
    """The text of a field; null where it is empty."""
    return f"nullif(trim({sql_name(column.name)}), '')"


def _category(column: Column) -> str:
    """The text of a field; of a boolean that is none, which may be anything, the mere fact."""
    if column.data_type != "boolean":
        return _field(column)
    return (
        f"case when {_field(column)} is not null and try_cast({_field(column)} as boolean) is null"
        f" then 'no boolean' else {_field(column)} end"
    )


def _key(expression: str) -> str:
    """As the macro hashed_key makes it."""
    return f"sha256(getvariable('postsale_salt') || '|' || {expression})"


def _magnitude(column: Column) -> str:
    """Sign and half power of ten of a number as text, such as +3 for 31.6 to 100."""
    number = f"try_cast({_field(column)} as double)"
    return (
        f"case when {number} = 0 then '0' when isfinite({number})"
        f" then concat(case when {number} < 0 then '-' else '+' end, cast(floor(2 * log10(abs({number}))) as integer)) end"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    side: str,
    drop: object,
    rows: Sequence[tuple[str, str | None, str | None, int]],
) -> None:
    connection.executemany(
        "insert into raw_exports.profile values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [side, table.system, table.name, drop, column, kind, member, count]
            for kind, column, member, count in rows
        ],
    )


def _names(connection: duckdb.DuckDBPyConnection, sql: str, table: Table) -> set[str]:
    return {name for (name,) in connection.execute(sql, [table.system, table.name]).fetchall()}
