-- grain: one customer, as it is known at the newest complete month-end
-- noqa: disable=LT02
{%- set reasons = ['how_to', 'install_config', 'defect', 'usability_performance', 'enhancement', 'other'] %}
with customers as (
    select * from {{ ref('dim_customers') }}
),

customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

proficiency_months as (
    select * from {{ ref('fct_proficiency_months') }}
),

engagement_months as (
    select * from {{ ref('fct_engagement_months') }}
),

case_events as (
    select * from {{ ref('fct_case_events') }}
),

cases as (
    select * from {{ ref('int_cases') }}
),

interactions as (
    select * from {{ ref('int_interactions') }}
),

survey_months as (
    select * from {{ ref('fct_survey_months') }}
),

risks as (
    select * from {{ ref('int_risk_records') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

unmatched_feeds as (
    select * from {{ ref('int_unmatched_feeds') }}
),

-- A history without a complete month is shown by the one it has.
newest_month as (
    select month_end, snapshot_date
    from {{ ref('int_months') }}
    qualify row_number() over (order by is_provisional asc, month_end desc) = 1
),

year_before as (
    select customer_months.customer_id, customer_months.arr_amount
    from customer_months
    cross join newest_month
    where customer_months.month_end = {{ add_days(add_months(add_days('newest_month.month_end', 1), -12), -1) }}
),

case_counts as (
    select
        case_events.customer_id,
        count(*) as case_count
        {%- for reason in reasons %},
        count(case when case_events.confirmed_reason = '{{ reason }}' then 1 end) as {{ reason }}_case_count
        {%- endfor %},
        count(case when case_events.confirmed_reason is null then 1 end) as unclassified_case_count
    from case_events
    cross join newest_month
    where
        case_events.event = 'opened'
        and case_events.event_date <= newest_month.snapshot_date
        and case_events.event_date > {{ add_days(add_months(add_days('newest_month.month_end', 1), -12), -1) }}
    group by case_events.customer_id
),

-- Closed on an unknown day is closed.
open_cases as (
    select identity.customer_id, count(*) as open_case_count
    from cases
    inner join identity on cases.account_key = identity.account_key
    cross join newest_month
    where
        cases.is_in_scope
        and {{ reporting_date('cases.created_at') }} <= newest_month.snapshot_date
        and not (cases.is_closed and coalesce({{ reporting_date('cases.closed_at') }} <= newest_month.snapshot_date, true))
    group by identity.customer_id
),

ratings as (
    select
        case_events.customer_id,
        count(*) as rated_case_count,
        count(case when case_events.is_satisfied then 1 end) as satisfied_case_count
    from case_events
    cross join newest_month
    where
        case_events.event = 'opened'
        and case_events.is_satisfied is not null
        and case_events.rated_date <= newest_month.snapshot_date
        and case_events.rated_date > {{ add_days(add_months(add_days('newest_month.month_end', 1), -12), -1) }}
    group by case_events.customer_id
),

last_contacts as (
    select interactions.customer_id, max(interactions.interaction_date) as last_engagement_date
    from interactions
    cross join newest_month
    where interactions.is_two_way and interactions.interaction_date <= newest_month.snapshot_date
    group by interactions.customer_id
),

open_risks as (
    select identity.customer_id, count(*) as open_risk_count
    from risks
    inner join identity on risks.account_key = identity.account_key
    cross join newest_month
    where
        risks.opened_date <= newest_month.snapshot_date
        and not (risks.is_closed and coalesce(risks.closed_date <= newest_month.snapshot_date, true))
    group by identity.customer_id
),

exported as (
    select
        (select count(*) from case_events) > 0 as has_cases,
        (select count(*) from survey_months) > 0 as has_answers,
        (select count(*) from risks) > 0 as has_risks
),

untold as (
    select
        unmatched_feeds.customer_id,
        {%- for kind in ('cases', 'answers', 'risks') %}
        count(case when unmatched_feeds.record_kind = '{{ kind }}' then 1 end) = 0 as has_{{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from unmatched_feeds
    cross join newest_month
    where coalesce(unmatched_feeds.told_from_date > newest_month.snapshot_date, true)
    group by unmatched_feeds.customer_id
),

-- An export that is not there tells nothing, nor does one of a customer that matches nobody and that it does not know: what it would
-- count is unknown, not nought.
told as (
    select
        customers.customer_id,
        {%- for kind in ('cases', 'answers', 'risks') %}
        exported.has_{{ kind }} and coalesce(untold.has_{{ kind }}, true) as has_{{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    cross join exported
    left join untold on customers.customer_id = untold.customer_id
),

final as (
    select
        customers.customer_id,
        newest_month.month_end,
        customer_months.relationship_status,
        coalesce(customer_months.is_active, false) as is_active,
        cast(customer_months.tenure_months as integer) as tenure_months,
        customer_months.arr_amount,
        cast(
            row_number() over (order by customer_months.arr_amount desc nulls last, customers.customer_id asc) as integer
        ) as arr_rank,
        year_before.arr_amount as prior_year_arr_amount,
        adoption_months.sold_quantity,
        adoption_months.adopted_quantity,
        adoption_months.adoption_rate,
        adoption_months.adoption_band,
        adoption_months.is_using,
        adoption_months.active_user_count,
        adoption_months.advanced_user_count,
        proficiency_months.proficient_user_count,
        proficiency_months.certified_user_count,
        adoption_months.entitled_feature_count,
        adoption_months.used_feature_count,
        engagement_months.engagement_count,
        engagement_months.is_engaged,
        engagement_months.is_silent,
        last_contacts.last_engagement_date,
        cast(case when told.has_cases then coalesce(case_counts.case_count, 0) end as bigint) as case_count
        {%- for reason in reasons %},
        cast(case when told.has_cases then coalesce(case_counts.{{ reason }}_case_count, 0) end as bigint) as {{ reason }}_case_count
        {%- endfor %},
        cast(case when told.has_cases then coalesce(case_counts.unclassified_case_count, 0) end as bigint) as unclassified_case_count,
        cast(case when told.has_cases then coalesce(open_cases.open_case_count, 0) end as bigint) as open_case_count,
        cast(case when told.has_cases then coalesce(ratings.rated_case_count, 0) end as bigint) as rated_case_count,
        cast(case when told.has_cases then coalesce(ratings.satisfied_case_count, 0) end as bigint) as satisfied_case_count,
        cast(case when told.has_answers then coalesce(survey_months.nps_response_count, 0) end as bigint) as nps_answer_count,
        cast(case when told.has_answers then coalesce(survey_months.promoter_count, 0) end as bigint) as nps_promoter_count,
        cast(case when told.has_answers then coalesce(survey_months.detractor_count, 0) end as bigint) as nps_detractor_count,
        cast(case when told.has_answers then coalesce(survey_months.perception_response_count, 0) end as bigint) as perception_answer_count,
        survey_months.perception,
        cast(case when told.has_risks then coalesce(open_risks.open_risk_count, 0) end as bigint) as open_risk_count
    from customers
    cross join newest_month
    inner join told on customers.customer_id = told.customer_id
    left join customer_months
        on customers.customer_id = customer_months.customer_id and newest_month.month_end = customer_months.month_end
    left join year_before on customers.customer_id = year_before.customer_id
    left join adoption_months
        on customers.customer_id = adoption_months.customer_id and newest_month.month_end = adoption_months.month_end
    left join proficiency_months
        on customers.customer_id = proficiency_months.customer_id and newest_month.month_end = proficiency_months.month_end
    left join engagement_months
        on customers.customer_id = engagement_months.customer_id and newest_month.month_end = engagement_months.month_end
    left join case_counts on customers.customer_id = case_counts.customer_id
    left join open_cases on customers.customer_id = open_cases.customer_id
    left join ratings on customers.customer_id = ratings.customer_id
    left join survey_months
        on customers.customer_id = survey_months.customer_id and newest_month.month_end = survey_months.month_end
    left join last_contacts on customers.customer_id = last_contacts.customer_id
    left join open_risks on customers.customer_id = open_risks.customer_id
)

select * from final
