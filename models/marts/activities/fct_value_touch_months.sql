-- grain: one customer and month-end with terms in force a quarter or longer, or with terms that ended in the month
{#- The last quarter of a term; shorter ones have hardly any other. -#}
{%- set quarter_months = 3 %}
{%- set shortest_term_months = 6 %}
with due as (
    select * from {{ ref('int_renewals_due') }}
),

engagements as (
    select * from {{ ref('int_distinct_engagements') }} where is_value_touch
),

activities as (
    select * from {{ ref('int_cs_activities') }}
),

settings as (
    select * from {{ ref('cs_activities') }} where is_value_touch
),

logs as (
    select * from {{ ref('int_cs_activity_logs') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- Products and services of a contract have one term.
terms as (
    select
        contract_key,
        customer_id,
        term_end_date,
        min(term_start_date) as term_start_date,
        max(served_until_date) as served_until_date
    from due
    group by contract_key, customer_id, term_end_date
),

touches as (
    select customer_id, engagement_date as touch_date from engagements
    union
    select activities.customer_id, activities.activity_date as touch_date
    from activities
    inner join settings on activities.activity_key = settings.activity_key
),

numbers as (
    {%- for number in range(40) %}
    select {{ number }} as number{{ ' union all' if not loop.last }}
    {%- endfor %}
),

quarters as (
    select
        terms.*,
        {{ add_months('terms.term_start_date', quarter_months ~ ' * numbers.number') }} as quarter_start_date,
        {{ earliest_of([add_months('terms.term_start_date', quarter_months ~ ' * (numbers.number + 1)'), 'terms.term_end_date']) }}
            as quarter_end_date
    from terms
    inner join numbers on {{ add_months('terms.term_start_date', quarter_months ~ ' * numbers.number') }} < terms.term_end_date
),

touched_quarters as (
    select
        quarters.contract_key,
        quarters.customer_id,
        quarters.term_start_date,
        quarters.term_end_date,
        quarters.served_until_date,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        count(touches.touch_date) as touch_count
    from quarters
    left join touches
        on
            quarters.customer_id = touches.customer_id
            and touches.touch_date >= quarters.quarter_start_date
            and touches.touch_date < quarters.quarter_end_date
    group by
        quarters.contract_key,
        quarters.customer_id,
        quarters.term_start_date,
        quarters.term_end_date,
        quarters.served_until_date,
        quarters.quarter_start_date,
        quarters.quarter_end_date
),

judged as (
    select
        touched_quarters.*,
        coalesce(
            logs.tracked_from_date <= touched_quarters.quarter_start_date
            and logs.tracked_until_date >= {{ add_days('touched_quarters.quarter_end_date', -32) }}, false
        ) as is_known
    from touched_quarters
    left join logs on touched_quarters.customer_id = logs.customer_id
),

-- Quarters that are over, of the terms in force.
elapsed as (
    select
        judged.customer_id,
        months.month_end,
        count(*) as elapsed_quarter_count,
        count(case when judged.is_known then 1 end) as known_quarter_count,
        count(case when judged.is_known and judged.touch_count > 0 then 1 end) as touched_quarter_count
    from judged
    inner join months
        on
            judged.term_start_date <= months.snapshot_date
            and judged.term_end_date > months.snapshot_date
            and judged.served_until_date > months.snapshot_date
            and judged.quarter_end_date <= {{ add_days('months.snapshot_date', 1) }}
    group by judged.customer_id, months.month_end
),

-- Terms served to their end.
term_touches as (
    select
        terms.contract_key,
        terms.customer_id,
        terms.term_end_date,
        coalesce(
            max(logs.tracked_from_date) <= terms.term_start_date
            and max(logs.tracked_until_date) >= {{ add_days('terms.term_end_date', -32) }}, false
        ) as is_known,
        count(touches.touch_date) as touch_count,
        count(
            case when touches.touch_date >= {{ add_months('terms.term_end_date', -quarter_months) }} then 1 end
        ) as late_touch_count
    from terms
    left join logs on terms.customer_id = logs.customer_id
    left join touches
        on
            terms.customer_id = touches.customer_id
            and touches.touch_date >= terms.term_start_date
            and touches.touch_date < terms.term_end_date
    where
        terms.served_until_date >= terms.term_end_date
        and {{ add_months('terms.term_start_date', shortest_term_months) }} <= terms.term_end_date
    group by terms.contract_key, terms.customer_id, terms.term_start_date, terms.term_end_date
),

ended as (
    select
        term_touches.customer_id,
        months.month_end,
        count(case when not term_touches.is_known then 1 end) as unknown_term_count,
        count(case when term_touches.is_known and term_touches.touch_count > 0 then 1 end) as touched_term_count,
        count(
            case
                when term_touches.is_known and term_touches.touch_count > 0 and term_touches.late_touch_count = term_touches.touch_count
                    then 1
            end
        ) as late_term_count
    from term_touches
    inner join months
        on
            {{ add_days('term_touches.term_end_date', -1) }} >= months.month_start
            and {{ add_days('term_touches.term_end_date', -1) }} <= months.snapshot_date
    group by term_touches.customer_id, months.month_end
),

joined as (
    select
        coalesce(elapsed.customer_id, ended.customer_id) as customer_id,
        coalesce(elapsed.month_end, ended.month_end) as month_end,
        coalesce(elapsed.elapsed_quarter_count, 0) as elapsed_quarter_count,
        coalesce(elapsed.known_quarter_count, 0) as known_quarter_count,
        coalesce(elapsed.touched_quarter_count, 0) as touched_quarter_count,
        coalesce(ended.unknown_term_count, 0) as unknown_term_count,
        coalesce(ended.touched_term_count, 0) as touched_term_count,
        coalesce(ended.late_term_count, 0) as late_term_count
    from elapsed
    full outer join ended on elapsed.customer_id = ended.customer_id and elapsed.month_end = ended.month_end
),

final as (
    select
        joined.customer_id,
        joined.month_end,
        cast(months.month_number as integer) as month_number,
        {%- for name in ('elapsed_quarter', 'known_quarter', 'touched_quarter', 'unknown_term', 'touched_term', 'late_term') %}
        cast(joined.{{ name }}_count as integer) as {{ name }}_count,
        {%- endfor %}
        months.is_provisional
    from joined
    inner join months on joined.month_end = months.month_end
)

select * from final
