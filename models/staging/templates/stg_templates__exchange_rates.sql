-- grain: one exchange rate of one day
with exported as (

    select * from {{ ref('base_templates__exchange_rates') }}

),

final as (

    select
        rate_date,
        upper(from_currency) as from_currency,
        upper(to_currency) as to_currency,
        rate,
        coalesce(lower(replace(replace(rate_type, ' ', '_'), '-', '_')), 'spot') as rate_type
    from exported
    where _row_status = 'accepted'

)

select * from final
