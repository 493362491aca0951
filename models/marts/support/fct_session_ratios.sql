-- grain: one metric of visits to self-service, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = session_measures() %}
with subjects as (
    select
        facts.month_number,
        facts.customer_id,
        facts.is_entitled,
        facts.is_answer_found,
        facts.is_case_intended,
        facts.is_nothing_further_needed,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(customers.region, 'unknown') as region,
        coalesce(customers.channel, 'unknown') as channel
    from {{ ref('fct_self_service_sessions') }} as facts
    left join {{ ref('dim_customers') }} as customers on facts.customer_id = customers.customer_id
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
