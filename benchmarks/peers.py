"""The customer × month MRR change classification without the warehouse, from the same contract lines, twice.

Both read the recurring stretches of every contract line (customer, family, start, end, amount) from the build and answer with
one row per customer and month in which the customer has, or just lost, recurring revenue. ``sql`` restates the idea of dbt-labs' public
mrr-playbook: a spine of months, revenue of every customer and month, the month before beside it, a CASE. ``pandas`` is what
an analyst would write. The answer is then held against fct_retention.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd

SQL = """
with months as (
    select month_end, month_number, snapshot_date from build.intermediate.int_months
),

lines as (
    select customer_id, product_family, start_date, end_date, mrr_amount
    from build.intermediate.int_recurring_segments
    where mrr_amount is not null
),

-- Families that discounts push below zero count as zero.
family_months as (
    select lines.customer_id, months.month_number, months.month_end, greatest(sum(lines.mrr_amount), 0) as mrr
    from lines
    inner join months
        on lines.start_date <= months.snapshot_date and (lines.end_date is null or months.snapshot_date < lines.end_date)
    group by lines.customer_id, lines.product_family, months.month_number, months.month_end
),

customer_bounds as (
    select customer_id, min(month_number) as first_month_number from family_months where mrr > 0 group by customer_id
),

spine as (
    select customer_bounds.customer_id, customer_bounds.first_month_number, months.month_number, months.month_end
    from customer_bounds
    inner join months on months.month_number >= customer_bounds.first_month_number
),

revenue as (
    select customer_id, month_number, sum(mrr) as mrr from family_months group by customer_id, month_number
),

filled as (
    select spine.customer_id, spine.month_end, spine.month_number, spine.first_month_number, coalesce(revenue.mrr, 0) as mrr
    from spine
    left join revenue on spine.customer_id = revenue.customer_id and spine.month_number = revenue.month_number
),

compared as (
    select *, coalesce(lag(mrr) over (partition by customer_id order by month_number), 0) as previous_mrr from filled
)

select
    customer_id,
    month_end,
    previous_mrr,
    mrr,
    case
        when mrr > 0 and month_number = first_month_number then 'new'
        when previous_mrr = 0 and mrr > 0 then 'reactivation'
        when previous_mrr > 0 and mrr = 0 then 'churn'
        when mrr > previous_mrr then 'expansion'
        when mrr < previous_mrr then 'contraction'
        else 'unchanged'
    end as movement
from compared
where mrr > 0 or previous_mrr > 0
"""


def by_sql(connection: duckdb.DuckDBPyConnection) -> float:
    """Leaves the answer in the table ``answer`` and returns the seconds it took."""
    began = time.monotonic()
    connection.execute(f"create table answer as {SQL}")
    return time.monotonic() - began


def by_pandas(connection: duckdb.DuckDBPyConnection) -> float:
    """Leaves the answer in the table ``answer`` and returns the seconds it took, reading and writing left aside."""
    lines = connection.execute(
        "select customer_id, product_family, start_date, end_date, cast(round(mrr_amount * 1000000) as bigint) as mrr"
        " from build.intermediate.int_recurring_segments where mrr_amount is not null"
    ).df()
    months = connection.execute("select * from build.intermediate.int_months order by month_number").df()
    began = time.monotonic()
    lines["customer_id"], customers = pd.factorize(lines["customer_id"])
    lines["product_family"], _ = pd.factorize(lines["product_family"])
    balances = []
    for month in months.itertuples():
        live = lines[
            (lines["start_date"] <= month.snapshot_date)
            & (lines["end_date"].isna() | (lines["end_date"] > month.snapshot_date))
        ]
        family = live.groupby(["customer_id", "product_family"])["mrr"].sum().clip(lower=0)
        balance = family.groupby(level="customer_id").sum().rename(month.month_number)
        balances.append(balance)
    wide = pd.concat(balances, axis=1).fillna(0).astype("int64")
    long = wide.stack().rename("mrr").rename_axis(["customer_id", "month_number"]).reset_index()
    long = long.sort_values(["customer_id", "month_number"], ignore_index=True)
    same = long["customer_id"].eq(long["customer_id"].shift())
    long["previous_mrr"] = long["mrr"].shift(fill_value=0).where(same, 0)
    ever = long["mrr"].gt(0).groupby(long["customer_id"]).cumsum()
    long["movement"] = "unchanged"
    long.loc[long["mrr"] > long["previous_mrr"], "movement"] = "expansion"
    long.loc[long["mrr"] < long["previous_mrr"], "movement"] = "contraction"
    long.loc[(long["mrr"] > 0) & (long["previous_mrr"] == 0), "movement"] = "reactivation"
    long.loc[(long["mrr"] > 0) & (ever == 1) & (long["previous_mrr"] == 0), "movement"] = "new"
    long.loc[(long["mrr"] == 0) & (long["previous_mrr"] > 0), "movement"] = "churn"
    result = long[(long["mrr"] > 0) | (long["previous_mrr"] > 0)]
    result = result.assign(customer_id=customers[result["customer_id"]])
    seconds = time.monotonic() - began
    connection.register("result", result)
    connection.execute(
        "create table answer as select cast(result.customer_id as varchar) as customer_id, months.month_end,"
        " cast(result.previous_mrr / 1000000 as decimal(18, 6)) as previous_mrr, cast(result.mrr / 1000000 as decimal(18, 6)) as mrr,"
        " result.movement from result inner join build.intermediate.int_months as months using (month_number)"
    )
    return seconds


def main() -> None:
    way, out = sys.argv[1], Path(sys.argv[2])
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        connection.execute(f"attach '{out / 'build' / 'postsale.duckdb'}' as build (read_only)")
        seconds = by_sql(connection) if way == "sql" else by_pandas(connection)
        own = (
            "select customer_id, period_end as month_end, opening_mrr_amount as previous_mrr, closing_mrr_amount as mrr, movement"
            " from build.marts.fct_retention where period_grain = 'month' and movement <> 'none'"
        )
        answer = "select customer_id, month_end, cast(previous_mrr as decimal(18, 6)), cast(mrr as decimal(18, 6)), movement from answer"
        unequal = connection.execute(
            f"select (select count(*) from ({own} except {answer})) + (select count(*) from ({answer} except {own}))"
        ).fetchone()
        rows = connection.execute("select count(*) from answer").fetchone()
        assert unequal is not None and rows is not None
    print(json.dumps({"seconds": seconds, "rows": rows[0], "unequal": unequal[0]}))


if __name__ == "__main__":
    main()
