-- grain: one risk that somebody recorded about a customer
with unioned as (
    {{ union_systems('int_risk_records', ['gainsight', 'templates'], added=['risk_type']) }}
),

types as (
    select * from {{ ref('risk_types') }}
),

typed as (
    select
        unioned.*,
        coalesce(fine.risk_type, broad.risk_type, 'unknown') as risk_type,
        broad.risk_type as broad_risk_type
    from unioned
    left join types as fine on unioned.type_words = fine.type_words
    left join types as broad on unioned.broad_type_words = broad.type_words
),

final as (
    select
        typed.risk_key,
        typed.system,
        typed.account_key,
        typed.risk_type,
        typed.risk_reason,
        typed.has_competitor or coalesce(typed.risk_reason = 'competitor', false) as has_competitor,
        typed.opened_date,
        case when typed.closed_date <= clock.as_of_date then typed.closed_date end as closed_date,
        -- Closed on a day that is still to come is open; closed on an unknown day is closed.
        typed.is_closed and coalesce(typed.closed_date <= clock.as_of_date, true) as is_closed,
        typed.type_words,
        typed.broad_type_words,
        typed.recorded_date
    from typed
    cross join {{ ref('int_as_of') }} as clock
    where
        (typed.recorded_date is null or typed.recorded_date <= clock.as_of_date)
        and (typed.opened_date is null or typed.opened_date <= clock.as_of_date)
        and typed.risk_type <> 'none'
        and coalesce(typed.broad_risk_type, 'unknown') <> 'none'
)

select * from final
