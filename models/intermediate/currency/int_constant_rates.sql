-- grain: one currency: the one rate at which all of history is converted
with rates as (
    select * from {{ ref('int_rates_to_reporting') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

final as (
    select rates.currency, rates.rate
    from rates
    inner join clock on rates.rate_date = clock.fx_rate_date
)

select * from final
