-- grain: one role, region and day from which an hour of it costs something else
with labour_rates as (
    select * from {{ ref('int_labour_rates') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

-- Of several rates from one day on the smallest key holds.
ranked as (
    select
        labour_rates.role,
        coalesce(labour_rates.region, 'all') as region,
        labour_rates.valid_from_date,
        labour_rates.hourly_amount,
        labour_rates.currency,
        row_number() over (
            partition by labour_rates.role, coalesce(labour_rates.region, 'all'), labour_rates.valid_from_date
            order by labour_rates.rate_key asc
        ) as choice
    from labour_rates
),

final as (
    select
        ranked.role,
        ranked.region,
        ranked.valid_from_date,
        lead(ranked.valid_from_date) over (
            partition by ranked.role, ranked.region
            order by ranked.valid_from_date asc
        ) as next_from_date,
        {{ converted_amount(
            'ranked.hourly_amount', '(case when ranked.currency is null then cast(1 as decimal(18, 9)) else rates.rate end)'
        ) }} as hourly_amount
    from ranked
    left join rates on ranked.currency = rates.currency
    where ranked.choice = 1
)

select * from final
