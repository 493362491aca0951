-- grain: one active customer and month-end
{#- Who is engaged more than usual: beyond this share of the segment's customer-months, in segments of so many customers. -#}
{%- set usual_percent = 95 -%}
{%- set smallest_segment = 20 -%}
{%- set longest_days = [var('engagement_window_days'), var('silent_days')] | max %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

customers as (
    select * from {{ ref('dim_customers') }}
),

interactions as (
    select * from {{ ref('int_interactions') }}
),

feeds as (
    select * from {{ ref('int_engagement_feeds') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

days as (
    select
        customer_id,
        interaction_date,
        count(case when is_two_way then 1 end) as engagement_count,
        count(case when is_two_way and direction = 'inbound' then 1 end) as reactive_count,
        count(case when is_two_way and direction is null then 1 end) as undirected_count,
        count(case when is_two_way and sentiment is not null then 1 end) as rated_count,
        count(case when is_two_way and sentiment = 'positive' then 1 end) as positive_count,
        -- Whoever only asks for help is looked after by nobody.
        count(case when is_two_way and mode = 'high_touch' and interaction_type <> 'case' then 1 end) as high_touch_count,
        count(case when direction = 'inbound' and mode <> 'self_help' then 1 end) as contact_count
    from interactions
    where is_two_way or direction = 'inbound'
    group by customer_id, interaction_date
),

recent as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        {%- for count in ('engagement', 'reactive', 'undirected', 'rated', 'positive', 'high_touch', 'contact') %}
        sum(
            case
                when days.interaction_date > {{ add_days('customer_months.snapshot_date', -var('engagement_window_days')) }}
                    then days.{{ count }}_count
                else 0
            end
        ) as {{ count }}_count,
        {%- endfor %}
        max(case when days.engagement_count > 0 then days.interaction_date end) as last_engagement_date
    from customer_months
    inner join days
        on
            customer_months.customer_id = days.customer_id
            and days.interaction_date <= customer_months.snapshot_date
            and days.interaction_date > {{ add_days('customer_months.snapshot_date', -longest_days) }}
    group by customer_months.customer_id, customer_months.month_end
),

-- Days on which a customer told how satisfied it is.
opinions as (
    select identity.customer_id, answers.answered_date as opinion_date
    from {{ ref('int_survey_answers') }} as answers
    inner join identity on answers.account_key = identity.account_key
    where answers.question_kind in ('csat', 'nps', 'perception') and answers.score is not null

    union

    select identity.customer_id, cases.rated_date as opinion_date
    from {{ ref('int_cases') }} as cases
    inner join identity on cases.account_key = identity.account_key
    where cases.is_satisfied is not null and cases.is_in_scope
),

opinion_months as (
    select customer_months.customer_id, customer_months.month_end
    from customer_months
    inner join opinions
        on
            customer_months.customer_id = opinions.customer_id
            and opinions.opinion_date <= customer_months.snapshot_date
            and opinions.opinion_date
            > {{ add_days(add_months(add_days('customer_months.snapshot_date', 1), -var('survey_window_months')), -1) }}
    group by customer_months.customer_id, customer_months.month_end
),

-- A log without an entry for a month has ended; before its first one nothing is known.
measured as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.snapshot_date,
        customer_months.tenure_months,
        customer_months.tenure_band,
        customer_months.is_provisional,
        coalesce(customers.segment, 'unknown') as segment,
        case when customer_months.is_amount_known and customer_months.arr_amount > 0 then customer_months.arr_amount end as arr_amount,
        {%- for count in ('engagement', 'reactive', 'undirected', 'rated', 'positive', 'high_touch', 'contact') %}
        coalesce(recent.{{ count }}_count, 0) as {{ count }}_count,
        {%- endfor %}
        recent.last_engagement_date,
        coalesce(
            feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('engagement_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false
        ) as is_measured,
        coalesce(
            feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('silent_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -31) }}, false
        ) as is_silence_measured,
        coalesce(adoption_months.is_using is not null or adoption_months.adoption_rate is not null, false) as is_use_known,
        opinion_months.customer_id is not null as is_satisfaction_known
    from customer_months
    left join customers on customer_months.customer_id = customers.customer_id
    left join recent on customer_months.customer_id = recent.customer_id and customer_months.month_end = recent.month_end
    left join feeds on customer_months.customer_id = feeds.customer_id
    left join adoption_months
        on customer_months.customer_id = adoption_months.customer_id and customer_months.month_end = adoption_months.month_end
    left join opinion_months
        on customer_months.customer_id = opinion_months.customer_id and customer_months.month_end = opinion_months.month_end
),

-- What is usual in a segment: few different counts stand for its many customer-months.
peers as (
    select segment, month_number, engagement_count, count(*) as customer_count
    from measured
    where is_measured
    group by segment, month_number, engagement_count
),

months_ahead as (
    {%- for months in range(1, 13) %}
    select {{ months }} as month_count{{ ' union all' if not loop.last }}
    {%- endfor %}
),

peers_of_the_year_before as (
    select
        peers.segment,
        peers.month_number + months_ahead.month_count as month_number,
        peers.engagement_count,
        cast(sum(peers.customer_count) as bigint) as customer_month_count
    from peers
    cross join months_ahead
    group by peers.segment, peers.month_number + months_ahead.month_count, peers.engagement_count
),

segments_now as (
    select segment, month_number, sum(customer_count) as customer_count
    from peers
    group by segment, month_number
),

-- A segment whose log does not reach over all twelve months has no usual yet.
segments_of_the_year_before as (
    select segments_now.segment, segments_now.month_number + months_ahead.month_count as month_number
    from segments_now
    cross join months_ahead
    group by segments_now.segment, segments_now.month_number + months_ahead.month_count
    having count(*) = 12
),

{{ percentile_of_counts(
    'limits', 'peers_of_the_year_before', ['segment', 'month_number'], 'engagement_count', 'customer_month_count', usual_percent
) }},

usual as (
    select limits.segment, limits.month_number, limits.percentile as usual_engagement_limit
    from limits
    inner join segments_of_the_year_before as complete
        on limits.segment = complete.segment and limits.month_number = complete.month_number
    inner join segments_now
        on limits.segment = segments_now.segment and limits.month_number = segments_now.month_number
    where segments_now.customer_count >= {{ smallest_segment }}
),

deciles as (
    select
        customer_id,
        month_end,
        ntile(10) over (partition by month_end order by arr_amount desc, customer_id asc) as arr_decile
    from measured
    where arr_amount is not null
),

final as (
    select
        measured.customer_id,
        measured.month_end,
        measured.tenure_months,
        measured.tenure_band,
        cast(case when measured.is_measured then measured.engagement_count end as integer) as engagement_count,
        cast(case when measured.is_measured then measured.reactive_count end as integer) as reactive_count,
        cast(case when measured.is_measured then measured.rated_count end as integer) as rated_count,
        cast(case when measured.is_measured then measured.positive_count end as integer) as positive_count,
        cast(case when measured.is_measured then measured.high_touch_count end as integer) as high_touch_count,
        cast(case when measured.is_measured then measured.contact_count end as integer) as contact_count,
        cast(case when measured.is_measured then measured.engagement_count > 0 end as boolean) as is_engaged,
        cast(
            case
                when measured.tenure_months >= 6 and measured.is_silence_measured
                    then
                        coalesce(measured.last_engagement_date, date '0001-01-01')
                        <= {{ add_days('measured.snapshot_date', -var('silent_days')) }}
            end as boolean
        ) as is_silent,
        case
            when not measured.is_measured then 'unknown'
            when measured.engagement_count > 0 then 'engaged'
            -- Whoever is new cannot have been silent for long.
            when measured.tenure_months < 6 then 'seldom'
            when not measured.is_silence_measured then 'unknown'
            when
                coalesce(measured.last_engagement_date, date '0001-01-01') <= {{ add_days('measured.snapshot_date', -var('silent_days')) }}
                then 'silent'
            else 'seldom'
        end as engagement_band,
        case
            when not measured.is_measured then 'unknown'
            when 30 * measured.contact_count >= {{ var('engagement_window_days') }} then 'often'
            when measured.contact_count > 0 then 'sometimes'
            else 'never'
        end as contact_band,
        case when measured.is_measured then usual.usual_engagement_limit end as usual_engagement_limit,
        cast(
            case
                when not measured.is_measured or usual.usual_engagement_limit is null then null
                when measured.engagement_count <= usual.usual_engagement_limit then false
                when 2 * measured.reactive_count > measured.engagement_count then true
                when 2 * (measured.reactive_count + measured.undirected_count) <= measured.engagement_count then false
            end as boolean
        ) as is_over_engaged,
        cast(measured.arr_amount as decimal(18, 6)) as arr_amount,
        cast(deciles.arr_decile as integer) as arr_decile,
        cast(measured.is_use_known as boolean) as is_use_known,
        cast(measured.is_satisfaction_known as boolean) as is_satisfaction_known,
        measured.is_provisional
    from measured
    left join usual on measured.segment = usual.segment and measured.month_number = usual.month_number
    left join deciles on measured.customer_id = deciles.customer_id and measured.month_end = deciles.month_end
)

select * from final
