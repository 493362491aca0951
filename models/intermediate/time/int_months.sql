-- grain: one calendar month from the first contract line or invoice to as_of_date
with clock as (
    select * from {{ ref('int_as_of') }}
),

days as (
    select start_date as first_date from {{ ref('int_contract_lines') }} where exclusion_reason is null
    union all
    select invoice_date as first_date from {{ ref('int_invoice_lines') }}
),

-- A typing error is a few rows, ten years before all others: with no more rows than may be rejected before such a gap, the
-- history starts behind it, and they are listed as starting before the first month.
all_days as (
    select
        first_date,
        lag(first_date) over (order by first_date asc) as earlier_date,
        coalesce(sum(count(*)) over (order by first_date asc rows between unbounded preceding and 1 preceding), 0) as earlier_row_count,
        sum(count(*)) over () as row_count
    from days
    where first_date is not null
    group by first_date
),

first_days as (
    select
        coalesce(
            max(
                case
                    when
                        {{ add_months('earlier_date', 120) }} < first_date
                        and earlier_row_count <= {{ var('max_rejected_share') }} * row_count
                        then first_date
                end
            ),
            min(first_date)
        ) as first_date
    from all_days
),

bounds as (
    select
        {{ dbt.date_trunc('month', 'clock.as_of_date') }} as last_month,
        {% if var('history_start_month') %}
        -- Any day of the month names it.
        cast({{ dbt.date_trunc('month', 'cast(\'' ~ var("history_start_month") ~ '\' as date)') }} as date) as first_month,
        {% else %}
        -- No further back than 50 years: a start in the year 1024 is a typing error, and listed as a finding.
        greatest(
            cast({{ dbt.date_trunc('month', 'first_days.first_date') }} as date),
            {{ add_months('cast(' ~ dbt.date_trunc('month', 'clock.as_of_date') ~ ' as date)', -600) }}
        ) as first_month,
        {% endif %}
        clock.as_of_date
    from clock
    cross join first_days
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {%- endfor %}
),

numbers as (
    select ones.digit + 10 * tens.digit + 100 * hundreds.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
),

months as (
    select
        bounds.as_of_date,
        bounds.first_month,
        cast({{ add_months('bounds.first_month', 'numbers.number') }} as date) as month_start
    from bounds
    inner join numbers
        on {{ add_months('bounds.first_month', 'numbers.number') }} <= bounds.last_month
),

ended as (
    select
        *,
        {{ add_days(add_months('month_start', 1), -1) }} as month_end
    from months
),

final as (
    select
        month_start,
        month_end,
        case when month_end > as_of_date then as_of_date else month_end end as snapshot_date,
        cast(month_end > as_of_date as boolean) as is_provisional,
        cast(extract(year from month_end) * 12 + extract(month from month_end) - 1 as integer) as month_number,
        cast(mod(cast(extract(month from month_end) as integer) - {{ var('fiscal_year_start_month') }} + 12, 12) + 1 as integer)
            as fiscal_month,
        cast(month_start = first_month as boolean) as is_first_month
    from ended
)

select * from final
