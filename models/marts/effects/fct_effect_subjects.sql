-- grain: one effect, treatment, month of first treatment and customer, treated in it or untreated around it
-- noqa: disable=LT02
with effect_metrics as (
    {{ list_of_effects() }}
),

treatments as (
    select * from {{ ref('int_treatments') }}
),

feeds as (
    select * from {{ ref('int_treatment_feeds') }}
),

outcomes as (
    select * from {{ ref('fct_effect_outcomes') }}
),

customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

customers as (
    select * from {{ ref('dim_customers') }}
),

months as (
    select * from {{ ref('int_months') }}
),

last_month as (
    select max(month_number) as month_number from months
),

first_treatments as (
    select customer_id, treatment_kind, treatment, min(month_number) as anchor_month_number
    from treatments
    group by customer_id, treatment_kind, treatment
),

-- Months in which somebody was treated for the first time, and whose outcome is over.
anchors as (
    select distinct
        effect_metrics.metric_key,
        effect_metrics.treatment_kind,
        effect_metrics.treatment_dimension,
        effect_metrics.outcome_key,
        effect_metrics.is_level,
        first_treatments.treatment,
        first_treatments.anchor_month_number,
        first_treatments.anchor_month_number - 1 as before_month_number,
        first_treatments.anchor_month_number + effect_metrics.reading_month as reading_month_number,
        months.month_number as closing_month_number,
        months.month_end as closing_month_end
    from effect_metrics
    inner join first_treatments on effect_metrics.treatment_kind = first_treatments.treatment_kind
    inner join months on first_treatments.anchor_month_number + effect_metrics.closing_month = months.month_number
    where not months.is_provisional
),

-- What a customer was before: who is compared with whom must not depend on what the treatment did.
placed as (
    select
        customer_id,
        month_number,
        tenure_band,
        case
            when is_amount_known
                then ntile(4) over (partition by month_number, is_amount_known order by mrr_amount asc, customer_id asc)
        end as mrr_quartile
    from customer_months
),

-- Whose treatments of six months before and after are recorded.
candidates as (
    select
        anchors.*,
        placed.customer_id,
        concat(
            cast(anchors.anchor_month_number as {{ dbt.type_string() }}), '|', coalesce(customers.segment, 'unknown'), '|',
            coalesce(customers.region, 'unknown'), '|', placed.tenure_band, '|',
            coalesce(cast(placed.mrr_quartile as {{ dbt.type_string() }}), 'unknown')
        ) as stratum,
        coalesce(first_treatments.anchor_month_number = anchors.anchor_month_number, false) as is_treated
    from anchors
    inner join placed on anchors.before_month_number = placed.month_number
    cross join last_month
    inner join feeds
        on
            placed.customer_id = feeds.customer_id
            and anchors.treatment_kind = feeds.treatment_kind
            and anchors.treatment = feeds.treatment
            and feeds.first_month_number <= anchors.anchor_month_number - 6
            and feeds.last_month_number >= least(anchors.anchor_month_number + 6, last_month.month_number) - 1
    left join customers on placed.customer_id = customers.customer_id
    left join first_treatments
        on
            placed.customer_id = first_treatments.customer_id
            and anchors.treatment_kind = first_treatments.treatment_kind
            and anchors.treatment = first_treatments.treatment
),

compared as (
    select candidates.*
    from candidates
    where
        candidates.is_treated
        or not exists (
            select 1
            from treatments
            where
                treatments.customer_id = candidates.customer_id
                and treatments.treatment_kind = candidates.treatment_kind
                and treatments.treatment = candidates.treatment
                and treatments.month_number >= candidates.anchor_month_number - 6
                and treatments.month_number <= candidates.anchor_month_number + 6
        )
),

-- Customers that have the outcome at both ends; a level at its one end.
measured as (
    select
        compared.metric_key,
        case when compared.treatment = 'all' then 'all' else compared.treatment_dimension end as dimension,
        compared.treatment as member,
        compared.anchor_month_number,
        compared.closing_month_number,
        compared.closing_month_end,
        compared.customer_id,
        compared.stratum,
        compared.is_treated,
        before_outcomes.outcome_value as before_value,
        after_outcomes.outcome_value as after_value,
        case
            when compared.is_level then after_outcomes.outcome_value
            else after_outcomes.outcome_value - before_outcomes.outcome_value
        end as outcome_value,
        case when not compared.is_level then before_outcomes.outcome_value - earlier_outcomes.outcome_value end as placebo_value
    from compared
    left join customer_months
        on compared.customer_id = customer_months.customer_id and compared.reading_month_number = customer_months.month_number
    left join outcomes as after_outcomes
        on
            compared.customer_id = after_outcomes.customer_id
            and compared.outcome_key = after_outcomes.outcome_key
            and compared.reading_month_number = after_outcomes.month_number
    left join outcomes as before_outcomes
        on
            compared.customer_id = before_outcomes.customer_id
            and compared.outcome_key = before_outcomes.outcome_key
            and compared.before_month_number = before_outcomes.month_number
    left join outcomes as earlier_outcomes
        on
            compared.customer_id = earlier_outcomes.customer_id
            and compared.outcome_key = earlier_outcomes.outcome_key
            and compared.anchor_month_number - 4 = earlier_outcomes.month_number
    where
        (compared.is_level or before_outcomes.customer_id is not null)
        -- Controls are there at the end; a treated customer that is not stays among the treated, without an outcome.
        and (compared.is_treated or (customer_months.customer_id is not null and after_outcomes.customer_id is not null))
),

sides as (
    select
        metric_key,
        member,
        stratum,
        max(case when is_treated then 1 else 0 end) = 1 as has_treated,
        max(case when is_treated then 0 else 1 end) = 1 as has_controls
    from measured
    where outcome_value is not null
    group by metric_key, member, stratum
),

final as (
    select
        measured.metric_key,
        measured.dimension,
        measured.member,
        cast(measured.anchor_month_number as integer) as anchor_month_number,
        cast(measured.closing_month_number as integer) as closing_month_number,
        measured.closing_month_end,
        measured.customer_id,
        measured.stratum,
        cast(measured.is_treated as boolean) as is_treated,
        cast(measured.before_value as decimal(18, 6)) as before_value,
        cast(measured.after_value as decimal(18, 6)) as after_value,
        cast(measured.outcome_value as decimal(18, 6)) as outcome_value,
        cast(measured.placebo_value as decimal(18, 6)) as placebo_value,
        cast(coalesce(sides.has_treated and sides.has_controls and measured.outcome_value is not null, false) as boolean) as is_matched
    from measured
    left join sides
        on
            measured.metric_key = sides.metric_key
            and measured.member = sides.member
            and measured.stratum = sides.stratum
)

select * from final
