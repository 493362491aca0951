-- grain: one month in which contracts fall due, and kind of contract
-- noqa: disable=LT02
with renewals as (
    select * from {{ ref('fct_contract_renewals') }}
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

last_month as (
    select max(month_end) as month_end from health_months
),

-- Today's risk: the calendar looks ahead.
states as (
    select
        renewals.month_end,
        renewals.contract_kind,
        renewals.available_amount,
        renewals.renewed_amount,
        renewals.is_amount_known,
        case
            when renewals.is_renewed then 'booked'
            when not renewals.is_open then 'lost'
            when health_months.risk_class in ('defecting', 'reducing') then 'at_risk'
            else 'open'
        end as renewal_state
    from renewals
    cross join last_month
    left join health_months
        on renewals.customer_id = health_months.customer_id and last_month.month_end = health_months.month_end
),

final as (
    select
        month_end,
        contract_kind,
        cast(count(*) as integer) as due_count,
        cast(count(case when not is_amount_known then 1 end) as integer) as unknown_count,
        cast(coalesce(sum(available_amount), 0) as decimal(18, 6)) as available_amount,
        cast(coalesce(sum(case when renewal_state = 'booked' then renewed_amount end), 0) as decimal(18, 6)) as booked_amount,
        {%- for state in ('open', 'at_risk', 'lost') %}
        cast(coalesce(sum(case when renewal_state = '{{ state }}' then available_amount end), 0) as decimal(18, 6)) as {{ state }}_amount,
        cast(count(case when renewal_state = '{{ state }}' then 1 end) as integer) as {{ state }}_count
        {{- ',' if not loop.last }}
        {%- endfor %}
    from states
    group by month_end, contract_kind
)

select * from final
