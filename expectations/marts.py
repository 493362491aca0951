"""Expectations on the marts that are about to be published: one suite a mart.

dbt tests the build; these look at the copy that readers get, and at what readers have now. Few and strong: identities that tie
the marts to each other, ranges, references, and moves against the last publication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

import duckdb
from great_expectations import ExpectationSuite
from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rows import Severity, no_rows, words
from expectations.thresholds import MartThresholds

#: Lists of things to look at: shorter is better.
_MAY_SHRINK = ("dq_findings", "dq_rejected_rows")
#: What publishing itself writes after this.
_WRITTEN_LATER = ("dq_expectations",)
_REBUILD = "The copy differs from what was built: build again, and report it if it stays."
_SOURCE = "Look up the rows in this mart and the exports behind them, and correct the source."
_SHARES = (
    "customer_retention_rate",
    "gross_revenue_retention",
    "gross_mrr_churn_rate",
    "relationship_status",
    "relationship_survival_rate",
)

_Columns = Mapping[str, set[str]]


def suites(
    connection: duckdb.DuckDBPyConnection, thresholds: MartThresholds, marts: _Columns, before: _Columns
) -> list[ExpectationSuite]:
    """A suite for every mart that something is expected of, to be run on the view ``<mart>``, which this makes.

    ``marts`` and ``before`` are the relations of the schemas with their columns: what is about to be published, and what
    readers have now (empty before the first publication).
    """
    for mart in marts:  # Great Expectations looks for columns in the main schema alone
        connection.execute(f'create view "{mart}" as select * from marts."{mart}"')
    own: dict[str, list[Expectation]] = {}
    for mart, expectation in (*_standing(connection), *_moves(connection, thresholds, marts, before)):
        own.setdefault(mart, []).append(expectation)
    return [ExpectationSuite(name=f"marts.{mart}", expectations=own[mart]) for mart in sorted(own)]


def _standing(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Expectation]]:
    """What holds for every publication."""
    yield (
        "dim_as_of",
        gxe.ExpectTableRowCountToEqual(
            value=1, **words("one day", "critical", "There is one day and one policy.", _REBUILD)
        ),
    )
    yield (
        "dim_customers",
        gxe.ExpectColumnValuesToBeUnique(
            column="customer_id",
            **words(
                "customers are unique", "critical", "Every customer is there once.", _REBUILD, "customer_id"
            ),
        ),
    )
    yield (
        "dim_periods",
        no_rows(
            "months are contiguous",
            "critical",
            "No month is missing between the first and the last.",
            "Months come from the exports' own dates: look for an export without dates.",
            """
        select concat('no month between ', opening.period_end, ' and ', opening.next_end) as observed
        from (
            select period_end, lead(period_end) over (order by period_end) as next_end
            from (select distinct period_end from {batch} where period_grain = 'month')
        ) as opening
        where last_day(opening.period_end + interval 1 day) <> opening.next_end
        """,
        ),
    )
    yield (
        "fct_customer_months",
        gxe.ExpectColumnValuesToBeBetween(
            column="mrr_amount",
            min_value=0,
            **words(
                "revenue is not negative",
                "critical",
                "Monthly recurring revenue is 0 or more.",
                _SOURCE,
                "mrr_amount",
            ),
        ),
    )
    yield (
        "fct_customer_months",
        gxe.ExpectColumnValuesToBeInSet(
            column="relationship_status",
            value_set=["active_recurring", "active_transactional", "dormant_user", "lost"],
            **words(
                "statuses are known",
                "critical",
                "Every customer has one of the four statuses.",
                _REBUILD,
                "relationship_status",
            ),
        ),
    )
    for mart in (
        "fct_customer_months",
        "fct_retention",
        "fct_recurring_revenue_months",
        "fct_revenue_changes",
    ):
        yield (
            mart,
            no_rows(
                "customers are in dim_customers",
                "critical",
                "Every customer_id of the fact is in dim_customers.",
                _REBUILD,
                "select distinct fact.customer_id as observed from {batch} as fact"
                " left join marts.dim_customers as customers on fact.customer_id = customers.customer_id"
                " where customers.customer_id is null",
                "customer_id",
            ),
        )
    yield (
        "fct_customer_months",
        no_rows(
            "customers are the sum of their product families",
            "critical",
            "A customer's recurring revenue is the sum over its product families, in every month.",
            _REBUILD,
            """
        select concat_ws(' ', customer_id, month_end) as observed
        from (select customer_id, month_end, sum(mrr_amount) as mrr_amount from {batch} group by customer_id, month_end) as customers
        full join (
            select customer_id, month_end, sum(mrr_amount) as mrr_amount
            from marts.fct_product_family_months group by customer_id, month_end
        ) as families using (customer_id, month_end)
        where coalesce(customers.mrr_amount, 0) <> coalesce(families.mrr_amount, 0)
        """,
            "mrr_amount",
        ),
    )
    yield (
        "fct_product_family_months",
        no_rows(
            "product families are the sum of their products",
            "critical",
            "A family's recurring revenue is the sum over its products and currencies, in every month; 0 where that is below zero.",
            _REBUILD,
            """
        select concat_ws(' ', customer_id, product_family, month_end) as observed
        from (
            select customer_id, product_family, month_end, sum(mrr_amount) as mrr_amount
            from {batch} where is_amount_known group by customer_id, product_family, month_end
        ) as families
        inner join (
            select customer_id, product_family, month_end, greatest(sum(mrr_amount), 0) as mrr_amount
            from marts.fct_recurring_revenue_months group by customer_id, product_family, month_end
        ) as products using (customer_id, product_family, month_end)
        where families.mrr_amount <> products.mrr_amount
        """,
            "mrr_amount",
        ),
    )
    yield (
        "fct_retention",
        no_rows(
            "the bridge closes",
            "critical",
            "Opening + new + reactivation + expansion − contraction − churn + currency = closing, for every customer and period.",
            _REBUILD,
            """
        select concat_ws(' ', customer_id, period_grain, period_end) as observed from {batch}
        where bridge_opening_amount + new_mrr_amount + reactivation_mrr_amount + expansion_mrr_amount
            - contraction_mrr_amount - churn_mrr_amount + fx_impact_mrr_amount <> bridge_closing_amount
        """,
        ),
    )
    yield (
        "fct_retention",
        no_rows(
            "what was kept is at most what was there",
            "critical",
            "Kept revenue is at most the opening and at most the closing, so that gross retention is at most 100 % and net retention.",
            _REBUILD,
            "select concat_ws(' ', customer_id, period_grain, period_end) as observed from {batch}"
            " where kept_mrr_amount > opening_mrr_amount or kept_mrr_amount > closing_mrr_amount or kept_mrr_amount < 0",
            "kept_mrr_amount",
        ),
    )
    yield (
        "fct_retention_by_product_family",
        no_rows(
            "drivers add up to the change",
            "critical",
            "Seats + price + tier + uplift + cross-sell + family loss = change, for every customer, family and period.",
            _REBUILD,
            """
        select concat_ws(' ', customer_id, product_family, period_grain, period_end) as observed from {batch}
        where seat_amount + price_amount + tier_amount + uplift_amount + cross_sell_amount + family_loss_amount <> change_amount
        """,
            "change_amount",
        ),
    )
    yield (
        "fct_metric_values",
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["metric_key", "period_grain", "period_end", "dimension", "member"],
            **words(
                "one value a metric, period and member", "critical", "Every value is there once.", _REBUILD
            ),
        ),
    )
    yield (
        "fct_metric_values",
        gxe.ExpectColumnValuesToBeBetween(
            column="coverage",
            min_value=0,
            max_value=1,
            **words(
                "coverage is a share", "critical", "Coverage lies between 0 and 1.", _REBUILD, "coverage"
            ),
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "metrics are in dim_metrics",
            "critical",
            "Every metric_key has its definition.",
            "Add the metric to seeds/metric_catalog.csv.",
            "select distinct metric.metric_key as observed from {batch} as metric"
            " left join marts.dim_metrics as metrics on metric.metric_key = metrics.metric_key where metrics.metric_key is null",
            "metric_key",
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "rates of a whole lie between 0 and 1",
            "critical",
            "Customer and gross retention, gross churn, statuses and survival are shares of a whole.",
            _SOURCE,
            "select concat_ws(' ', metric_key, period_grain, period_end, dimension, member) as observed from {batch}"
            f" where metric_key in ({_in(_SHARES)}) and value not between 0 and 1",
            "value",
        ),
    )
    if _default_policy(connection):
        yield (
            "fct_metric_values",
            no_rows(
                "gross retention is at most net retention",
                "critical",
                "Gross revenue retention is at most net revenue retention, for every period and member (under the default policy).",
                _REBUILD,
                """
            select concat_ws(' ', gross.period_grain, gross.period_end, gross.dimension, gross.member) as observed
            from {batch} as gross
            inner join marts.fct_metric_values as net using (period_grain, period_end, dimension, member)
            where gross.metric_key = 'gross_revenue_retention' and net.metric_key = 'net_revenue_retention' and gross.value > net.value
            """,
                "value",
            ),
        )
    yield (
        "fct_metric_values",
        no_rows(
            "segments, regions and channels add up to the total",
            "critical",
            "The numerators of all members of a dimension that splits the customers are the numerator of the total.",
            _REBUILD,
            """
        select concat_ws(' ', parts.metric_key, parts.period_grain, parts.period_end, parts.dimension) as observed
        from (
            select metric_key, period_grain, period_end, dimension, sum(numerator) as numerator
            from {batch} where dimension in ('segment', 'region', 'channel') group by metric_key, period_grain, period_end, dimension
        ) as parts
        inner join marts.fct_metric_values as whole using (metric_key, period_grain, period_end)
        where
            whole.dimension = 'all'
            and whole.numerator is distinct from parts.numerator
            and whole.metric_key in (select metric_key from marts.dim_metrics where is_additive)
        """,
            "numerator",
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "the year is the trailing twelve months at its end",
            "critical",
            "A value of a fiscal year equals that of the trailing twelve months that end with it.",
            _REBUILD,
            """
        select concat_ws(' ', years.metric_key, years.period_end, years.dimension, years.member) as observed
        from {batch} as years
        inner join marts.fct_metric_values as rolling using (metric_key, period_end, dimension, member)
        where years.period_grain = 'year' and rolling.period_grain = 't12m' and years.value is distinct from rolling.value
        """,
            "value",
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "recurring revenue is the sum over customers",
            "critical",
            "The total of monthly recurring revenue is the sum over fct_customer_months, in every month.",
            _REBUILD,
            """
        select cast(metric.period_end as varchar) as observed
        from {batch} as metric
        inner join (
            select month_end as period_end, sum(mrr_amount) filter (is_amount_known) as mrr_amount
            from marts.fct_customer_months group by month_end
        ) as months using (period_end)
        where metric.metric_key = 'mrr' and metric.period_grain = 'month' and metric.dimension = 'all'
            and coalesce(metric.numerator, 0) <> coalesce(months.mrr_amount, 0)
        """,
            "numerator",
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "active customers are counted",
            "critical",
            "The number of revenue-generating customers is the count of active ones in fct_customer_months, in every month.",
            _REBUILD,
            """
        select cast(metric.period_end as varchar) as observed
        from {batch} as metric
        inner join (
            select month_end as period_end, count(*) filter (is_active) as customer_count from marts.fct_customer_months group by month_end
        ) as months using (period_end)
        where metric.metric_key = 'revenue_generating_customer_count' and metric.period_grain = 'month' and metric.dimension = 'all'
            and coalesce(metric.numerator, 0) <> months.customer_count
        """,
            "numerator",
        ),
    )
    yield (
        "fct_metric_values",
        no_rows(
            "the newest retention opens into its rows",
            "critical",
            "Net, gross and customer retention of the newest trailing twelve months are the sums of their contributions.",
            _REBUILD,
            """
        select concat_ws(' ', metric.metric_key, metric.period_end) as observed
        from {batch} as metric
        inner join (
            select metric_key, period_end, sum(numerator) filter (is_included) as numerator,
                sum(denominator) filter (is_included) as denominator
            from marts.fct_metric_contributions
            where metric_key in ('net_revenue_retention', 'gross_revenue_retention', 'customer_retention_rate') and period_grain = 't12m'
                and period_end = (select max(period_end) from marts.dim_periods where period_grain = 't12m')
            group by metric_key, period_end
        ) as contributions using (metric_key, period_end)
        where metric.period_grain = 't12m' and metric.dimension = 'all'
            and (metric.numerator, metric.denominator) is distinct from (contributions.numerator, contributions.denominator)
        """,
        ),
    )
    yield (
        "dq_row_accounting",
        no_rows(
            "no row is lost",
            "critical",
            "Rows in = accepted + superseded + duplicates + rejected + malformed + after the as-of day, for every export.",
            _REBUILD,
            "select concat_ws('.', system, table_name) as observed from {batch} where not is_balanced or rows_in <> accepted_count"
            " + superseded_count + exact_duplicate_count + rejected_count + malformed_count + after_as_of_count",
        ),
    )


def _moves(
    connection: duckdb.DuckDBPyConnection, thresholds: MartThresholds, marts: _Columns, before: _Columns
) -> Iterator[tuple[str, Expectation]]:
    """What holds against the last publication."""
    if before:
        yield (
            "dim_as_of",
            no_rows(
                "no mart is gone",
                "warning",
                "Every mart that readers have now is still there.",
                "Reports that read the mart will fail: tell their owners, or bring it back.",
                f"select name as observed from {{batch}} cross join (select unnest([{_in(tuple(sorted(before)))}]) as name)"
                f" where name not in ({_in((*_WRITTEN_LATER, *sorted(marts)))})",
            ),
        )
    for mart in sorted(before.keys() & marts.keys()):
        yield (
            mart,
            gxe.ExpectTableColumnsToMatchSet(
                column_set=sorted(before[mart]),
                exact_match=False,
                **words(
                    "no column is gone",
                    "warning",
                    "Every column that readers have now is still there.",
                    "Reports that read the column will fail: tell their owners, or bring it back.",
                ),
            ),
        )
    for mart, rows_before in _row_counts(connection, sorted(before.keys() & marts.keys())):
        yield (
            mart,
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                **words(
                    "not empty",
                    "critical",
                    f"The mart has rows; readers have {rows_before:,} now.",
                    "An export is missing or a mapping fails: see the findings and the row accounts.",
                ),
            ),
        )
        least = ceil(rows_before * (1 - thresholds.max_shrinkage))
        if mart not in _MAY_SHRINK and least > 1:
            yield (
                mart,
                gxe.ExpectTableRowCountToBeBetween(
                    min_value=least,
                    **words(
                        "has not shrunk",
                        "warning",
                        f"The mart has at most {100 * thresholds.max_shrinkage:g} % fewer rows than the {rows_before:,} readers have now.",
                        "History or customers have gone: see the row accounts and the volume of the exports.",
                    ),
                ),
            )
    if {"dim_as_of", "fct_metric_values"} <= before.keys():
        yield from _headlines(connection, thresholds)


def _headlines(
    connection: duckdb.DuckDBPyConnection, thresholds: MartThresholds
) -> Iterator[tuple[str, Expectation]]:
    yield (
        "dim_as_of",
        no_rows(
            "time goes forward",
            "warning",
            "The day of the warehouse is not before that of the last publication.",
            "Older exports, or a past as_of_date: publish from the newest exports unless the replay is meant.",
            "select concat(now.as_of_date, ', published: ', published.as_of_date) as observed"
            " from {batch} as now cross join before.dim_as_of as published where now.as_of_date < published.as_of_date",
            "as_of_date",
        ),
    )
    row = connection.execute(
        "select (select max(policy_hash) from marts.dim_as_of) is distinct from (select max(policy_hash) from before.dim_as_of)"
    ).fetchone()
    changed = bool(row and row[0])
    reason = " The policy has changed since, so moves are warnings." if changed else ""
    advice = (
        "Compare the policies of the two publications."
        if changed
        else "Find what changed in the exports of the past. If the restatement is right, raise max_restatement_stop in "
        "expectations/thresholds.yml for this publication."
    )
    steps: tuple[tuple[str, Severity, float, float | None], ...] = (
        (
            "published headlines have not moved much",
            "warning" if changed else "critical",
            thresholds.max_restatement_stop,
            None,
        ),
        ("published headlines stand", "warning", thresholds.max_restatement, thresholds.max_restatement_stop),
    )
    for name, severity, above, up_to in steps:
        bound = f" and coalesce(move, 'infinity') <= {up_to:g}" if up_to is not None else ""
        yield (
            "fct_metric_values",
            no_rows(
                name,
                severity,
                f"Headlines of closed periods differ from their published values by at most {100 * above:g} % or points.{reason}",
                advice,
                f"""
            select concat(metric_key, ' ', period_grain, ' ', period_end, ': ', coalesce(cast(value as varchar), 'none'),
                ', published: ', published_value) as observed
            from (
                select published.metric_key, published.period_grain, published.period_end, now.value, published.value as published_value,
                    cast(abs(now.value - published.value) as double)
                    / case when metrics.is_ratio then 1 else nullif(abs(published.value), 0) end as move
                from before.fct_metric_values as published
                left join {{batch}} as now using (metric_key, period_grain, period_end, dimension, member)
                left join (select metric_key, bool_and(unit = 'ratio') as is_ratio from marts.dim_metrics group by metric_key) as metrics
                    using (metric_key)
                where published.dimension = 'all' and published.verdict = 'ok' and not published.is_provisional
                    and published.metric_key in ({_in(thresholds.headlines)})
            ) as moves
            where value is distinct from published_value and coalesce(move, 'infinity') > {above:g}{bound}
            """,
                "value",
            ),
        )
    yield (
        "fct_metric_values",
        no_rows(
            "recurring revenue moves in steps",
            "warning",
            f"Total recurring revenue of the newest month is within {100 * thresholds.max_revenue_jump:g} % "
            f"of the newest one published.{reason}",
            "See which movements led here on the retention page, and whether an export was loaded twice or in part.",
            f"""
        select concat(now.value, ' at ', now.period_end, ', published: ', published.value, ' at ', published.period_end) as observed
        from (
            select max(period_end) as period_end, arg_max(value, period_end) as value from {{batch}}
            where metric_key = 'mrr' and period_grain = 'month' and dimension = 'all' and value is not null
        ) as now
        cross join (
            select max(period_end) as period_end, arg_max(value, period_end) as value from before.fct_metric_values
            where metric_key = 'mrr' and period_grain = 'month' and dimension = 'all' and value is not null
        ) as published
        where abs(now.value - published.value) > {thresholds.max_revenue_jump:g} * published.value
        """,
            "value",
        ),
    )


def _row_counts(connection: duckdb.DuckDBPyConnection, marts: list[str]) -> list[tuple[str, int]]:
    """Rows that readers have now, of the marts that have any. Views are not counted: they have the rows of their facts."""
    views = {
        name
        for (name,) in connection.execute(
            "select view_name from duckdb_views() where database_name = 'previous' and not internal"
        ).fetchall()
    }
    counts: list[tuple[str, int]] = []
    for mart in marts:
        if mart in views:
            continue
        row = connection.execute(f'select count(*) from before."{mart}"').fetchone()
        if row and row[0]:
            counts.append((mart, int(row[0])))
    return counts


def _default_policy(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the policy leaves in net revenue retention all that gross retention counts."""
    row = connection.execute(
        """
        select count(*) from marts.dim_policy
        where (var_name, lower(var_value)) in (
            ('price_increase_is_expansion', 'true'), ('nrr_exclude_contracted_uplift', 'false'), ('nrr_revenue_basis', 'recurring')
        )
        """
    ).fetchone()
    return row == (3,)


def _in(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
