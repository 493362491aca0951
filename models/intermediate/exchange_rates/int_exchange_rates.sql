-- grain: one exchange rate of one day
with unioned as (
    {{ union_systems('int_exchange_rates', ['templates']) }}
),

final as (
    select unioned.*
    from unioned
)

select * from final
