-- grain: one metric of required skills at month-ends, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = skill_requirement_measures() %}
with requirements as (
    select * from {{ ref('fct_skill_requirement_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

{{ sums_by_member('requirements', ['month_end', 'is_provisional'], ['skill_type'], measures) }},

{{ sums_at_period_ends() }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
