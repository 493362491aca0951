-- grain: one row: the day up to which the exports tell, and the day whose exchange rates hold for all of history
-- noqa: disable=LT02
with recorded_days as (
    select * from {{ ref('int_recorded_days') }}
),

clock as (
    select
        {% if var('as_of_date') %}
        min(cast('{{ var("as_of_date") }}' as date)) as as_of_date
        {% else %}
        max(clock_date) as as_of_date
        {% endif %}
    from recorded_days
),

final as (
    select
        as_of_date,
        {% if var('fx_rate_date') %}
        cast('{{ var("fx_rate_date") }}' as date) as fx_rate_date
        {% else %}
        {{ add_months(
            'cast(' ~ dbt.date_trunc('month', 'as_of_date') ~ ' as date)',
            '-mod(cast(extract(month from as_of_date) as integer) - ' ~ var('fiscal_year_start_month') ~ ' + 12, 12)'
        ) }} as fx_rate_date
        {% endif %}
    from clock
)

select * from final
