-- grain: one metric of quotes for services, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = quote_measures() %}
with subjects as (
    select * from {{ ref('fct_quote_events') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

{{ sums_by_member('subjects', ['month_number'], ['segment', 'region', 'channel'], measures) }},

{{ sums_of_periods(measures) }},

{{ ratios_of_sums('period_sums', measures) }}

select * from final
