-- grain: one customer and month-end six months after one at which it failed
with earlier_months as (
    select * from {{ ref('fct_success_months') }} where success_state = 'failing'
),

success_months as (
    select * from {{ ref('fct_success_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Who is no customer any more has not recovered; of whom not enough is known now, nobody can tell.
final as (
    select
        earlier_months.customer_id,
        months.month_end,
        coalesce(success_months.success_state, 'lost') as success_state,
        cast(
            case
                when success_months.success_state = 'unknown' then null
                else coalesce(success_months.success_state = 'succeeding', false)
            end as boolean
        ) as is_recovered,
        months.is_provisional
    from earlier_months
    inner join months on earlier_months.month_number + 6 = months.month_number
    left join success_months
        on earlier_months.customer_id = success_months.customer_id and months.month_end = success_months.month_end
)

select * from final
