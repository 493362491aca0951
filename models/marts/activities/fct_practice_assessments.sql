-- grain: one activity of customer success: what the company says of it, beside what the records of the newest complete month-end show
-- noqa: disable=LT02
{%- set activities = cs_activity_keys() %}
with settings as (
    select * from {{ ref('cs_activities') }} where activity_key is not null
),

assessments as (
    select
        *,
        -- Of two judgements of one day the one that says less is taken.
        row_number() over (
            partition by activity_key order by assessed_date desc, case when is_practised then 1 else 0 end asc, assessment_key asc
        ) as assessment_place
    from {{ ref('int_practice_assessments') }}
),

-- A history without a complete month is shown by the one it has.
newest_month as (
    select month_end
    from {{ ref('int_months') }}
    qualify row_number() over (order by is_provisional asc, month_end desc) = 1
),

customer_months as (
    select activity_months.*
    from {{ ref('fct_activity_months') }} as activity_months
    inner join newest_month on activity_months.month_end = newest_month.month_end
),

shown as (
    {%- for key in activities %}
    select
        '{{ key }}' as activity_key,
        count(case when {{ key }}_state <> 'not_due' then 1 end) as due_customer_count,
        count(case when {{ key }}_state in ('done', 'missing') then 1 end) as known_customer_count,
        count(case when {{ key }}_state = 'done' then 1 end) as covered_customer_count
    from customer_months
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

joined as (
    select
        settings.category,
        settings.activity_key,
        newest_month.month_end,
        assessments.assessed_date,
        assessments.is_practised,
        shown.due_customer_count,
        shown.known_customer_count,
        shown.covered_customer_count,
        case
            when shown.known_customer_count >= {{ var('min_denominator') }}
                then cast(shown.covered_customer_count as double) / nullif(shown.known_customer_count, 0)
        end as covered_share
    from settings
    inner join shown on settings.activity_key = shown.activity_key
    cross join newest_month
    left join assessments on settings.activity_key = assessments.activity_key and assessments.assessment_place = 1
),

final as (
    select
        category,
        activity_key,
        month_end,
        assessed_date,
        cast(is_practised as boolean) as is_practised,
        cast(due_customer_count as integer) as due_customer_count,
        cast(known_customer_count as integer) as known_customer_count,
        cast(covered_customer_count as integer) as covered_customer_count,
        cast(round(covered_share, 6) as decimal(18, 6)) as covered_share,
        cast(
            round(case when is_practised then 1 when not is_practised then 0 end - covered_share, 6) as decimal(18, 6)
        ) as gap_share,
        case
            when is_practised is null or covered_share is null then 'unknown'
            when is_practised and covered_share >= {{ var('category_practised_min_share') }} then 'said_and_shown'
            when is_practised then 'said_not_shown'
            when covered_share >= {{ var('category_practised_min_share') }} then 'shown_not_said'
            else 'neither'
        end as finding
    from joined
)

select * from final
