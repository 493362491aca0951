-- grain: one metric of cases by how often their customers contact us, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = case_contact_measures() %}
with case_contacts as (
    select * from {{ ref('fct_case_contacts') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

member_sums as (
    select
        month_number,
        'all' as dimension,
        'all' as member,
        {{ sum_measures(measures) }}
    from case_contacts
    group by month_number
),

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
