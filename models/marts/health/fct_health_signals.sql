-- grain: one active customer, month-end and measure of health that applies to it
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where adoption_rate is not null
),

engagement_months as (
    select * from {{ ref('fct_engagement_months') }} where is_engaged is not null
),

success_months as (
    select * from {{ ref('fct_success_months') }} where realization_rate is not null
),

survey_months as (
    select * from {{ ref('fct_survey_months') }} where perception is not null
),

measures as (
    select * from {{ ref('health_measures') }}
),

months as (
    select * from {{ ref('int_months') }}
),

ratings as (
    select
        identity.customer_id,
        months.month_end,
        count(*) as rated_count,
        count(case when cases.is_satisfied then 1 end) as satisfied_count,
        max(cases.rated_date) as rated_date
    from {{ ref('int_cases') }} as cases
    inner join {{ ref('int_customer_identity') }} as identity on cases.account_key = identity.account_key
    inner join months
        on
            cases.rated_date <= months.snapshot_date
            and cases.rated_date >= {{ add_months('months.month_start', -11) }}
    where cases.is_in_scope and cases.is_satisfied is not null
    group by identity.customer_id, months.month_end
),

-- What is measured, from 0 to 100.
scores as (
    select
        customer_id,
        month_end,
        'adoption' as measure,
        100 * least(adoption_rate, 1) as score,
        cast(null as date) as source_date
    from adoption_months

    union all

    select
        customer_id,
        month_end,
        'success' as measure,
        100 * least(greatest(realization_rate, 0), 1) as score,
        cast(null as date) as source_date
    from success_months

    union all

    select
        customer_id,
        month_end,
        'perception' as measure,
        case perception when 'positive' then 100 when 'negative' then 0 else 50 end as score,
        perception_date as source_date
    from survey_months

    union all

    select
        customer_id,
        month_end,
        'engagement' as measure,
        case when is_engaged then 100 else 0 end as score,
        cast(null as date) as source_date
    from engagement_months

    union all

    select
        customer_id,
        month_end,
        'support' as measure,
        round(100 * cast(satisfied_count as double) / rated_count, 6) as score,
        rated_date as source_date
    from ratings
),

-- The set of measures in force at a month-end is the newest one that begins on or before it.
sets as (
    select months.month_end, max(measures.valid_from) as valid_from
    from months
    inner join measures on measures.valid_from <= months.month_end
    group by months.month_end
),

weighted as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.snapshot_date,
        customer_months.is_provisional,
        measures.measure,
        measures.weight,
        cast(scores.score as decimal(18, 6)) as score,
        scores.source_date,
        cast(
            sum(case when scores.score is not null then measures.weight end) over (
                partition by customer_months.customer_id, customer_months.month_end
            ) as double
        ) as known_weight
    from customer_months
    inner join sets on customer_months.month_end = sets.month_end
    inner join measures
        on sets.valid_from = measures.valid_from and customer_months.tenure_months >= measures.from_tenure_months
    left join scores
        on
            customer_months.customer_id = scores.customer_id
            and customer_months.month_end = scores.month_end
            and measures.measure = scores.measure
),

final as (
    select
        customer_id,
        month_end,
        measure,
        score,
        cast(weight as decimal(9, 4)) as weight,
        cast(round(weight * score / known_weight, 6) as decimal(18, 6)) as contribution_points,
        cast(round(weight * (100 - score) / known_weight, 6) as decimal(18, 6)) as lost_points,
        -- Use, engagement and success plans are measured up to the day itself.
        case when score is not null then coalesce(source_date, snapshot_date) end as source_date,
        is_provisional
    from weighted
)

select * from final
