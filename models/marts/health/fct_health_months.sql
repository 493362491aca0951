-- grain: one active customer and month-end
-- noqa: disable=LT02
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

all_customer_months as (
    select customer_id, month_number from {{ ref('fct_customer_months') }}
),

signals as (
    select * from {{ ref('fct_health_signals') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

outlooks as (
    select * from {{ ref('int_contract_outlooks') }}
),

survey_months as (
    select * from {{ ref('fct_survey_months') }}
),

sentiment_months as (
    select * from {{ ref('int_sentiment_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

rules as (
    select * from {{ ref('risk_rules') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

feeds as (
    select * from {{ ref('int_engagement_feeds') }}
),

-- The row of each rule that is in force at a month-end: the newest that begins on or before it.
rules_in_force as (
    select *
    from (
        select
            months.month_end,
            rules.*,
            row_number() over (partition by months.month_end, rules.rule_key order by rules.valid_from desc) as newness
        from months
        inner join rules on rules.valid_from <= months.month_end
    ) as dated
    where newness = 1 and is_active
),

limits as (
    select
        month_end,
        max(case when rule_key = 'adoption_falling' then minimum_seats end) as falling_minimum_seats,
        max(case when rule_key = 'low_adoption_before_renewal' then threshold end) as low_adoption_threshold,
        max(case when rule_key = 'low_adoption_before_renewal' then within_days end) as low_adoption_within_days
    from rules_in_force
    group by month_end
),

scored as (
    select
        customer_id,
        month_end,
        sum(weight) as total_weight,
        coalesce(sum(case when score is not null then weight end), 0) as known_weight,
        sum(weight * score) as weighted_score,
        sum(case when measure <> 'engagement' then weight end) as total_weight_without,
        coalesce(sum(case when measure <> 'engagement' and score is not null then weight end), 0) as known_weight_without,
        sum(case when measure <> 'engagement' then weight * score end) as weighted_score_without
    from signals
    group by customer_id, month_end
),

-- A risk is open from the day it was on record to the day before it was closed; one closed on an unknown day is not known to be open.
risks as (
    select
        identity.customer_id,
        risk_records.risk_key,
        risk_records.risk_type,
        risk_records.has_competitor,
        greatest(risk_records.opened_date, coalesce(risk_records.recorded_date, risk_records.opened_date)) as known_date,
        risk_records.opened_date,
        risk_records.closed_date
    from {{ ref('int_risk_records') }} as risk_records
    inner join identity on risk_records.account_key = identity.account_key
    where risk_records.opened_date is not null and (risk_records.closed_date is not null or not risk_records.is_closed)
),

touches as (
    select customer_id, engagement_date, is_intervention
    from {{ ref('int_distinct_engagements') }}
    where is_intervention
),

open_risks as (
    select
        risks.customer_id,
        risks.risk_key,
        risks.risk_type,
        risks.has_competitor,
        risks.opened_date,
        months.month_end,
        months.snapshot_date
    from risks
    inner join months
        on risks.known_date <= months.snapshot_date and (risks.closed_date is null or risks.closed_date > months.snapshot_date)
),

answered_risks as (
    select distinct open_risks.customer_id, open_risks.month_end, open_risks.risk_key
    from open_risks
    inner join touches
        on
            open_risks.customer_id = touches.customer_id
            and touches.engagement_date >= open_risks.opened_date
            and touches.engagement_date <= open_risks.snapshot_date
),

risk_months as (
    select
        open_risks.customer_id,
        open_risks.month_end,
        max(case when open_risks.risk_type = 'churn' then 1 else 0 end) = 1 as has_open_churn_risk,
        max(case when open_risks.risk_type = 'contraction' then 1 else 0 end) = 1 as has_open_contraction_risk,
        max(case when open_risks.risk_type = 'other' then 1 else 0 end) = 1 as has_other_open_risk,
        max(case when open_risks.has_competitor then 1 else 0 end) = 1 as has_competitor,
        count(*) as open_risk_count,
        count(answered_risks.risk_key) as open_intervention_count
    from open_risks
    left join answered_risks
        on
            open_risks.customer_id = answered_risks.customer_id
            and open_risks.month_end = answered_risks.month_end
            and open_risks.risk_key = answered_risks.risk_key
    group by open_risks.customer_id, open_risks.month_end
),

interventions as (
    select distinct touches.customer_id, months.month_end
    from touches
    inner join months
        on
            touches.engagement_date <= months.snapshot_date
            and touches.engagement_date > {{ add_days('months.snapshot_date', -90) }}
),

-- Bulk mail keeps no relationship up: both sides took part, or one of our people reached out.
interactions as (
    select
        customer_id,
        interaction_date,
        is_two_way,
        is_two_way or (direction = 'outbound' and mode = 'high_touch') as is_nurture,
        cast(extract(year from interaction_date) * 12 + extract(month from interaction_date) - 1 as integer) as month_number
    from {{ ref('int_interactions') }}
),

nurture_months as (
    select distinct interactions.customer_id, months.month_end
    from interactions
    inner join months
        on
            interactions.interaction_date <= months.snapshot_date
            and interactions.interaction_date > {{ add_days('months.snapshot_date', -90) }}
    where interactions.is_nurture
),

engaged_months as (
    select customer_id, month_number, max(interaction_date) as engagement_date
    from interactions
    where is_two_way
    group by customer_id, month_number

    union all

    select customer_id, month_number, cast(null as date) as engagement_date
    from all_customer_months
),

last_engagements as (
    select
        customer_id,
        month_number,
        max(max(engagement_date)) over (
            partition by customer_id order by month_number asc rows between unbounded preceding and current row
        ) as last_engagement_date
    from engaged_months
    group by customer_id, month_number
),

vendor_scores as (
    select *
    from (
        select
            identity.customer_id,
            months.month_end,
            scores.score,
            row_number() over (
                partition by identity.customer_id, months.month_end order by scores.score_date desc, scores.score_key asc
            ) as newness
        from {{ ref('int_vendor_health_scores') }} as scores
        inner join identity on scores.account_key = identity.account_key
        inner join months
            on
                greatest(scores.score_date, coalesce(scores.recorded_date, scores.score_date)) <= months.snapshot_date
                and scores.score_date > {{ add_days('months.snapshot_date', -90) }}
    ) as dated
    where newness = 1
),

joined as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.snapshot_date,
        customer_months.tenure_months,
        customer_months.tenure_band,
        customer_months.arr_amount,
        customer_months.is_amount_known,
        customer_months.is_provisional,
        round(cast(scored.known_weight as double) / cast(scored.total_weight as double), 6) as known_weight_share,
        case
            when scored.known_weight > 0 and scored.known_weight >= {{ var('health_min_weight') }} * scored.total_weight
                then round(cast(scored.weighted_score as double) / cast(scored.known_weight as double), 6)
        end as health_score,
        case
            when
                scored.known_weight_without > 0
                and scored.known_weight_without >= {{ var('health_min_weight') }} * scored.total_weight_without
                then round(cast(scored.weighted_score_without as double) / cast(scored.known_weight_without as double), 6)
        end as score_without_engagement,
        adoption_months.adoption_rate,
        earlier_adoption.adoption_rate as earlier_adoption_rate,
        earlier_adoption.sold_quantity as earlier_sold_quantity,
        coalesce(outlooks.has_cancellation_notice, false) as has_cancellation_notice,
        coalesce(outlooks.is_pending_lapse, false) as is_pending_lapse,
        coalesce(outlooks.has_downgrade_request, false) as has_downgrade_request,
        outlooks.renews_on,
        coalesce(risk_months.has_open_churn_risk, false) as has_open_churn_risk,
        coalesce(risk_months.has_open_contraction_risk, false) as has_open_contraction_risk,
        coalesce(risk_months.has_other_open_risk, false) as has_other_open_risk,
        coalesce(risk_months.has_competitor, false) as has_competitor,
        coalesce(risk_months.open_risk_count, 0) as open_risk_count,
        coalesce(risk_months.open_intervention_count, 0) as open_intervention_count,
        survey_months.perception,
        survey_months.nps_median,
        coalesce(sentiment_months.relationship_state, 'unknown') as relationship_state,
        sentiment_months.source as sentiment_source,
        last_engagements.last_engagement_date,
        vendor_scores.score as vendor_score,
        -- Whether the log of touches covers the 90 days before.
        coalesce(
            feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', -89) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false
        ) as is_log_known,
        interventions.customer_id is not null as has_intervention,
        nurture_months.customer_id is not null as is_nurtured,
        limits.falling_minimum_seats,
        limits.low_adoption_threshold,
        limits.low_adoption_within_days
    from customer_months
    left join scored on customer_months.customer_id = scored.customer_id and customer_months.month_end = scored.month_end
    left join limits on customer_months.month_end = limits.month_end
    left join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    left join adoption_months as earlier_adoption
        on
            customer_months.customer_id = earlier_adoption.customer_id
            and earlier_adoption.month_end = {{ add_days(add_months(add_days('customer_months.month_end', 1), -3), -1) }}
    left join outlooks on customer_months.customer_id = outlooks.customer_id and customer_months.month_end = outlooks.month_end
    left join risk_months
        on customer_months.customer_id = risk_months.customer_id and customer_months.month_end = risk_months.month_end
    left join survey_months
        on customer_months.customer_id = survey_months.customer_id and customer_months.month_end = survey_months.month_end
    left join sentiment_months
        on customer_months.customer_id = sentiment_months.customer_id and customer_months.month_end = sentiment_months.month_end
    left join last_engagements
        on customer_months.customer_id = last_engagements.customer_id and customer_months.month_number = last_engagements.month_number
    left join vendor_scores
        on customer_months.customer_id = vendor_scores.customer_id and customer_months.month_end = vendor_scores.month_end
    left join feeds on customer_months.customer_id = feeds.customer_id
    left join interventions
        on customer_months.customer_id = interventions.customer_id and customer_months.month_end = interventions.month_end
    left join nurture_months
        on customer_months.customer_id = nurture_months.customer_id and customer_months.month_end = nurture_months.month_end
),

-- What the rules look at. Null is unknown, and never fires.
flagged as (
    select
        *,
        health_score < {{ var('health_red_below') }} and perception = 'negative' as is_below_red_and_negative,
        -- No use at all cannot fall.
        earlier_adoption_rate > 0
        and earlier_sold_quantity >= coalesce(falling_minimum_seats, 0)
        and adoption_rate <= (1 - {{ var('usage_drop_pct') }}) * earlier_adoption_rate as is_adoption_falling,
        adoption_rate < low_adoption_threshold
        and coalesce(renews_on <= {{ add_days('snapshot_date', 'coalesce(low_adoption_within_days, 0)') }}, false)
            as is_low_adoption_before_renewal,
        health_score < {{ var('health_green_from') }} as is_score_below_green
    from joined
),

fits as (
    {%- for rule in risk_rules() %}
    select
        customer_id,
        month_end,
        tenure_months,
        '{{ rule }}' as rule_key
    from flagged
    where {{ flag_of_risk_rule(rule) }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

fired as (
    select
        fits.customer_id,
        fits.month_end,
        fits.rule_key,
        rules_in_force.risk_class,
        rules_in_force.next_step,
        rules_in_force.pull_points,
        row_number() over (
            partition by fits.customer_id, fits.month_end
            order by
                case rules_in_force.risk_class when 'defecting' then 1 when 'reducing' then 2 else 3 end asc,
                rules_in_force.rule_order asc,
                fits.rule_key asc
        ) as place
    from fits
    inner join rules_in_force
        on
            fits.rule_key = rules_in_force.rule_key
            and fits.month_end = rules_in_force.month_end
            and fits.tenure_months >= rules_in_force.from_tenure_months
),

-- What pulls a customer down: measures by the points they cost, rules by the points they are given. Ties: rules first, then by name.
pulls as (
    select
        customer_id,
        month_end,
        measure as driver,
        lost_points as points,
        2 as kind_rank
    from signals
    where lost_points > 0

    union all

    select
        customer_id,
        month_end,
        rule_key as driver,
        pull_points as points,
        1 as kind_rank
    from fired
    where pull_points > 0
),

ranked_pulls as (
    select
        *,
        row_number() over (partition by customer_id, month_end order by points desc, kind_rank asc, driver asc) as place
    from pulls
),

drivers as (
    select
        customer_id,
        month_end,
        {%- for place in (1, 2, 3) %}
        max(case when place = {{ place }} then driver end) as driver_{{ place }},
        max(case when place = {{ place }} then points end) as driver_{{ place }}_points{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked_pulls
    where place <= 3
    group by customer_id, month_end
),

classified as (
    select
        flagged.*,
        coalesce(fired.risk_class, case when flagged.health_score is not null then 'healthy' else 'unknown' end) as risk_class,
        fired.rule_key as primary_reason,
        fired.next_step,
        drivers.driver_1,
        drivers.driver_1_points,
        drivers.driver_2,
        drivers.driver_2_points,
        drivers.driver_3,
        drivers.driver_3_points
    from flagged
    left join fired on flagged.customer_id = fired.customer_id and flagged.month_end = fired.month_end and fired.place = 1
    left join drivers on flagged.customer_id = drivers.customer_id and flagged.month_end = drivers.month_end
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        snapshot_date,
        tenure_months,
        tenure_band,
        cast(health_score as decimal(18, 6)) as health_score,
        cast(score_without_engagement as decimal(18, 6)) as score_without_engagement,
        cast(known_weight_share as decimal(18, 6)) as known_weight_share,
        cast(vendor_score as decimal(18, 6)) as vendor_score,
        risk_class,
        primary_reason,
        next_step,
        cast(has_cancellation_notice as boolean) as has_cancellation_notice,
        cast(is_pending_lapse as boolean) as is_pending_lapse,
        cast(has_open_churn_risk as boolean) as has_open_churn_risk,
        cast(has_competitor as boolean) as has_competitor,
        cast(is_below_red_and_negative as boolean) as is_below_red_and_negative,
        cast(has_downgrade_request as boolean) as has_downgrade_request,
        cast(has_open_contraction_risk as boolean) as has_open_contraction_risk,
        cast(is_adoption_falling as boolean) as is_adoption_falling,
        cast(is_low_adoption_before_renewal as boolean) as is_low_adoption_before_renewal,
        cast(is_score_below_green as boolean) as is_score_below_green,
        cast(has_other_open_risk as boolean) as has_other_open_risk,
        driver_1,
        cast(driver_1_points as decimal(18, 6)) as driver_1_points,
        driver_2,
        cast(driver_2_points as decimal(18, 6)) as driver_2_points,
        driver_3,
        cast(driver_3_points as decimal(18, 6)) as driver_3_points,
        cast(adoption_rate as decimal(18, 6)) as adoption_rate,
        perception,
        cast(nps_median as decimal(18, 6)) as nps_median,
        relationship_state,
        sentiment_source,
        cast(case when is_amount_known then arr_amount end as decimal(18, 6)) as arr_amount,
        renews_on,
        case
            when renews_on is null then 'none'
            when renews_on <= {{ add_days('snapshot_date', 90) }} then '90'
            when renews_on <= {{ add_days('snapshot_date', 180) }} then '180'
            when renews_on <= {{ add_days('snapshot_date', 365) }} then '365'
            else 'later'
        end as renews_within,
        cast(open_risk_count as integer) as open_risk_count,
        cast(open_intervention_count as integer) as open_intervention_count,
        cast(case when is_log_known then has_intervention end as boolean) as has_recent_intervention,
        cast(case when is_log_known then is_nurtured end as boolean) as is_nurtured,
        last_engagement_date,
        is_provisional
    from classified
)

select * from final
