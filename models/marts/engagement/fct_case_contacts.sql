-- grain: one closed support case
with closed_cases as (
    select * from {{ ref('fct_case_events') }} where event = 'closed'
),

opened_cases as (
    select * from {{ ref('fct_case_events') }} where event = 'opened'
),

months as (
    select * from {{ ref('int_months') }}
),

engagement_months as (
    select * from {{ ref('fct_engagement_months') }}
),

-- A case is itself a contact, so how often its customer contacts us is read at the last month-end before it.
final as (
    select
        closed_cases.case_key,
        closed_cases.customer_id,
        closed_cases.month_end,
        closed_cases.month_number,
        closed_cases.confirmed_reason,
        coalesce(engagement_months.contact_band, 'unknown') as contact_band
    from closed_cases
    left join opened_cases on closed_cases.case_key = opened_cases.case_key
    left join months on opened_cases.month_number - 1 = months.month_number
    left join engagement_months
        on closed_cases.customer_id = engagement_months.customer_id and months.month_end = engagement_months.month_end
)

select * from final
