-- grain: one customer and month-end at which it was active, or at which a term of it had ended within the window of win-loss analyses
-- noqa: disable=LT02
{%- set categories = cs_activities() %}
{%- set activities = cs_activity_keys() %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

health_months as (
    select * from {{ ref('fct_health_months') }}
),

renewals as (
    select * from {{ ref('fct_contract_renewals') }} where not is_open
),

done as (
    select * from {{ ref('int_cs_activities') }}
),

logs as (
    select * from {{ ref('int_cs_activity_logs') }}
),

unmatched as (
    select distinct customer_id from {{ ref('int_customer_identity') }} where is_unmatched
),

settings as (
    select * from {{ ref('cs_activities') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- The seed side by side: with whom each activity and category is due, and in which days it counts.
limits as (
    select
        {%- for key in categories.keys() | list + activities %}
        {%- set of_key = "metric_key = 'activity_coverage_" ~ key ~ "'" %}
        max(case when {{ of_key }} then window_days end) as {{ key }}_days,
        max(case when {{ of_key }} then window_kind end) as {{ key }}_window,
        max(case when {{ of_key }} then coalesce(from_tenure_months, 0) end) as {{ key }}_from,
        max(case when {{ of_key }} then coalesce(to_tenure_months, 100000) end) as {{ key }}_to,
        max(case when {{ of_key }} then renews_within_days end) as {{ key }}_renews_within,
        max(case when {{ of_key }} then needed_by end) as {{ key }}_needed_by,
        {%- endfor %}
        {%- for key in activities %}
        max(case when activity_key = '{{ key }}' and is_named then 1 else 0 end) as {{ key }}_named,
        {%- endfor %}
        count(case when is_named then 1 end) as named_activity_count
    from settings
),

-- Systems do these without a log of ours.
observed as (
    select
        {%- for key in observed_cs_activities() %}
        min(case when activity_key = '{{ key }}' and not is_by_person then activity_date end) as {{ key }}_observed_from
        {{- ',' if not loop.last }}
        {%- endfor %}
    from done
),

-- Of each activity only the newest day matters to a trailing window, and the first one to the window of beginners.
days as (
    select
        customer_id,
        cast(extract(year from activity_date) * 12 + extract(month from activity_date) - 1 as integer) as month_number,
        {%- for key in activities %}
        max(case when activity_key = '{{ key }}' then activity_date end) as {{ key }}_day{{ ',' if not loop.last }}
        {%- endfor %}
    from done
    group by customer_id, extract(year from activity_date), extract(month from activity_date)

    union all

    select
        customer_id,
        month_number,
        {%- for key in activities %}
        cast(null as date) as {{ key }}_day{{ ',' if not loop.last }}
        {%- endfor %}
    from customer_months
),

by_month as (
    select
        customer_id,
        month_number,
        {%- for key in activities %}
        max({{ key }}_day) as {{ key }}_day{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    group by customer_id, month_number
),

newest as (
    select
        customer_id,
        month_number,
        {%- for key in activities %}
        max({{ key }}_day) over so_far as {{ key }}_day{{ ',' if not loop.last }}
        {%- endfor %}
    from by_month
    window so_far as (partition by customer_id order by month_number asc rows between unbounded preceding and current row)
),

firsts as (
    select
        customer_id,
        {%- for key in activities %}
        min(case when activity_key = '{{ key }}' then activity_date end) as {{ key }}_first_day{{ ',' if not loop.last }}
        {%- endfor %}
    from done
    group by customer_id
),

ended_terms as (
    select distinct renewals.customer_id, months.month_number
    from renewals
    cross join limits
    inner join months
        on
            renewals.due_date <= months.snapshot_date
            and renewals.due_date > {{ add_days('months.snapshot_date', '-limits.win_loss_analysis_days') }}
),

joined as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.snapshot_date,
        customer_months.is_active,
        customer_months.first_revenue_date,
        customer_months.tenure_months,
        customer_months.tenure_band,
        customer_months.is_provisional,
        health_months.risk_class,
        health_months.renews_on,
        coalesce(health_months.risk_class in ('defecting', 'reducing'), false) as is_at_risk,
        ended_terms.customer_id is not null as has_ended_term,
        logs.tracked_from_date,
        -- A log that has had no entry for a month has ended.
        coalesce(logs.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false) as is_log_alive,
        logs.tracked_until_date,
        {%- for key in activities %}
        newest.{{ key }}_day,
        firsts.{{ key }}_first_day,
        {%- endfor %}
        {%- for key in observed_cs_activities() %}
        coalesce(
            observed.{{ key }}_observed_from
            <= {{ add_days('customer_months.snapshot_date', '1 - limits.' ~ key ~ '_days') }}
            -- Of an account that matches nobody only its own system can tell.
            and (unmatched.customer_id is null or newest.{{ key }}_day is not null), false
        ) as is_{{ key }}_observed,
        {%- endfor %}
        limits.*
    from customer_months
    cross join limits
    cross join observed
    left join health_months
        on customer_months.customer_id = health_months.customer_id and customer_months.month_end = health_months.month_end
    left join ended_terms
        on customer_months.customer_id = ended_terms.customer_id and customer_months.month_number = ended_terms.month_number
    left join logs on customer_months.customer_id = logs.customer_id
    left join unmatched on customer_months.customer_id = unmatched.customer_id
    left join newest
        on customer_months.customer_id = newest.customer_id and customer_months.month_number = newest.month_number
    left join firsts on customer_months.customer_id = firsts.customer_id
    where customer_months.is_active or ended_terms.customer_id is not null
),

-- Due: with whom. Logged: whether the log covers the window. Inside: whether an activity lies in the window of the key.
judged as (
    select
        *,
        {%- for key in categories.keys() | list + activities %}
        coalesce(
            tenure_months between {{ key }}_from and {{ key }}_to
            and (
                {{ key }}_renews_within is null
                or (renews_on > snapshot_date and renews_on <= {{ add_days('snapshot_date', 'coalesce(' ~ key ~ '_renews_within, 0)') }})
            )
            and case {{ key }}_needed_by
                when 'at_risk' then is_active and is_at_risk
                when 'term_ended' then has_ended_term
                else is_active
            end, false
        ) as is_{{ key }}_due,
        coalesce(
            case {{ key }}_window
                when 'first'
                    then
                        tracked_from_date <= first_revenue_date
                        and tracked_until_date >= least({{ add_days('first_revenue_date', key ~ '_days - 32') }}, snapshot_date)
                else tracked_from_date <= {{ add_days('snapshot_date', '1 - ' ~ key ~ '_days') }} and is_log_alive
            end, false
        ) as is_{{ key }}_logged,
        {%- endfor %}
        {%- for category in categories %}
        {%- for key in categories[category] %}
        {%- for window in (key, category) %}
        coalesce(
            case {{ window }}_window
                when 'first'
                    then
                        {{ key }}_first_day <= snapshot_date
                        and {{ key }}_first_day < {{ add_days('first_revenue_date', window ~ '_days') }}
                else {{ key }}_day > {{ add_days('snapshot_date', '-' ~ window ~ '_days') }}
            end, false
        ) as is_{{ key }}_inside{{ '_category' if window != key }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        coalesce(tracked_from_date <= {{ add_days('snapshot_date', -364) }} and is_log_alive, false) as is_year_logged
    from joined
),

stated as (
    select
        *,
        {%- for category in categories %}
        {%- set is_observed = observed_cs_activities() | select('in', categories[category]) | list %}
        case
            when not is_{{ category }}_due then 'not_due'
            when not is_{{ category }}_logged
                {%- for key in is_observed %}
                and not (is_{{ key }}_observed and is_{{ key }}_inside_category)
                {%- endfor %}
                then 'unknown'
            when
                {%- for key in categories[category] %}
                {{ 'or ' if not loop.first }}is_{{ key }}_inside_category
                {%- endfor %}
                then 'done'
            else 'missing'
        end as {{ category }}_state,
        {%- endfor %}
        {%- for key in activities %}
        case
            when not is_{{ key }}_due then 'not_due'
            when not is_{{ key }}_logged{{ ' and not is_' ~ key ~ '_observed' if key in observed_cs_activities() }} then 'unknown'
            when is_{{ key }}_inside then 'done'
            else 'missing'
        end as {{ key }}_state,
        {%- endfor %}
        {%- for key in activities %}
        case when coalesce({{ key }}_day > {{ add_days('snapshot_date', -365) }}, false) then {{ key }}_named else 0 end
        {{- ' +' if not loop.last }}
        {%- endfor %} as activity_count
    from judged
),

counted as (
    select
        *,
        {%- for name, keys in (('category', categories.keys() | list), ('activity', activities)) %}
        {%- for part, condition in (('due', "<> 'not_due'"), ('known', "in ('done', 'missing')"), ('done', "= 'done'")) %}
        {% for key in keys -%}
        case when {{ key }}_state {{ condition }} then 1 else 0 end{{ ' + ' if not loop.last }}
        {%- endfor %} as {{ part }}_{{ name }}_count,
        {%- endfor %}
        {%- endfor %}
        case
            when not is_active then 'lost'
            when tenure_months < 3 then 'starting'
            when renews_on > snapshot_date and renews_on <= {{ add_days('snapshot_date', 'coalesce(retention_renews_within, 180)') }}
                then 'renewing'
            when tenure_months <= 12 then 'adopting'
            else 'growing'
        end as lifecycle_stage
    from stated
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        snapshot_date,
        is_active,
        tenure_months,
        tenure_band,
        lifecycle_stage,
        {%- for key in categories.keys() | list + activities %}
        {{ key }}_state,
        {%- endfor %}
        cast(due_category_count as integer) as due_category_count,
        cast(known_category_count as integer) as known_category_count,
        cast(done_category_count as integer) as covered_category_count,
        -- Whether it is half the job may be known although a category is not.
        cast(
            case
                when due_category_count = 0 then null
                when 2 * done_category_count > due_category_count then false
                when 2 * (done_category_count + due_category_count - known_category_count) <= due_category_count then true
            end as boolean
        ) as is_half_job,
        cast(due_activity_count as integer) as due_activity_count,
        cast(known_activity_count as integer) as known_activity_count,
        cast(done_activity_count as integer) as done_activity_count,
        cast(case when is_year_logged then activity_count end as integer) as activity_count,
        cast(named_activity_count as integer) as named_activity_count,
        cast(is_provisional as boolean) as is_provisional
    from counted
)

select * from final
