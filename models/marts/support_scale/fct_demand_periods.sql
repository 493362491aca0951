-- grain: one period, dimension and member
-- noqa: disable=LT02,PRS
{%- set visit_columns = [
    'visit_count', 'entitled_visit_count', 'answered_visit_count', 'found_visit_count', 'intent_answered_visit_count',
    'intended_visit_count', 'end_answered_visit_count', 'resolved_visit_count',
] %}
{%- set case_columns = ['assisted_case_count', 'matched_case_count', 'automated_case_count', 'judged_case_count', 'active_month_count'] %}
with {{ subjects_with_customers('fct_demand_months') }},

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

begun as (
    select min(month_number) as first_month_number from {{ ref('fct_demand_months') }}
),

unit_costs as (
    select * from {{ ref('fct_avoidable_costs') }}
),

savings as (
    select * from {{ ref('fct_article_savings') }}
),

cause_months as (
    select * from {{ ref('fct_cause_months') }} where is_after_fix
),

finest_sums as (
    select
        month_number,
        segment,
        region,
        channel,
        sum(case when visit_count is not null then assisted_case_count else 0 end) as matched_case_count,
        {%- for column in visit_columns + case_columns if column != 'matched_case_count' %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from subjects
    group by month_number, segment, region, channel
),

member_months as (
    select
        month_number,
        case
            when grouping(segment) = 0 then 'segment'
            when grouping(region) = 0 then 'region'
            when grouping(channel) = 0 then 'channel'
            else 'all'
        end as dimension,
        coalesce(segment, region, channel, 'all') as member,
        {%- for column in visit_columns + case_columns %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from finest_sums
    group by grouping sets ((month_number), (month_number, segment), (month_number, region), (month_number, channel))
),

period_sums as (
    select
        periods.period_grain,
        periods.period_end,
        periods.opening_month_number,
        periods.closing_month_number,
        periods.window_months,
        periods.is_provisional,
        member_months.dimension,
        member_months.member,
        {%- for column in visit_columns + case_columns %}
        sum(member_months.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from member_months
    inner join periods
        on member_months.month_number > periods.opening_month_number and member_months.month_number <= periods.closing_month_number
    group by
        periods.period_grain,
        periods.period_end,
        periods.opening_month_number,
        periods.closing_month_number,
        periods.window_months,
        periods.is_provisional,
        member_months.dimension,
        member_months.member
),

-- The same months a year before, where all of them are on record.
prior_sums as (
    select
        periods.period_grain,
        periods.period_end,
        member_months.dimension,
        member_months.member,
        sum(member_months.assisted_case_count) as assisted_case_count,
        sum(member_months.active_month_count) as active_month_count
    from member_months
    inner join periods
        on
            member_months.month_number > periods.opening_month_number - 12
            and member_months.month_number <= periods.closing_month_number - 12
    inner join begun on periods.opening_month_number - 12 >= begun.first_month_number - 1
    group by periods.period_grain, periods.period_end, member_months.dimension, member_months.member
),

period_savings as (
    select periods.period_grain, periods.period_end, sum(savings.saved_amount) as saved_amount
    from savings
    inner join periods
        on savings.month_number > periods.opening_month_number and savings.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end
),

-- Months whose cost nobody exported would make the knowledge base look cheap.
period_costs as (
    select
        periods.period_grain,
        periods.period_end,
        case when count(unit_costs.knowledge_base_cost_amount) = periods.window_months then sum(unit_costs.knowledge_base_cost_amount) end
            as cost_amount
    from unit_costs
    inner join periods
        on unit_costs.month_number > periods.opening_month_number and unit_costs.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end, periods.window_months
),

period_preventions as (
    select periods.period_grain, periods.period_end, sum(cause_months.prevented_cases) as prevented_cases
    from cause_months
    inner join periods
        on cause_months.month_number > periods.opening_month_number and cause_months.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end
),

-- Each rate is a share of those that answered it; where nothing passes a step, nothing is left to ask.
chained as (
    select
        *,
        cast(found_visit_count as double) / nullif(answered_visit_count, 0) as found_share,
        cast(intended_visit_count as double) / nullif(intent_answered_visit_count, 0) as intended_share,
        cast(resolved_visit_count as double) / nullif(end_answered_visit_count, 0) as resolved_share
    from period_sums
),

deflected as (
    select
        *,
        case
            when found_share = 0 or (found_share > 0 and intended_share = 0) then 0
            else found_share * intended_share * resolved_share
        end as deflected_share
    from chained
),

joined as (
    select
        deflected.*,
        cast(round(deflected.visit_count * deflected.found_share, 6) as decimal(18, 6)) as successful_visits,
        cast(round(deflected.entitled_visit_count * deflected.deflected_share, 6) as decimal(18, 6)) as deflected_visits,
        prior_sums.assisted_case_count as prior_assisted_case_count,
        prior_sums.active_month_count as prior_active_month_count,
        unit_costs.avoidable_cost_amount,
        unit_costs.handle_hours,
        case when deflected.dimension = 'all' then period_savings.saved_amount end as article_saved_amount,
        case when deflected.dimension = 'all' then period_costs.cost_amount end as knowledge_base_cost_amount,
        case when deflected.dimension = 'all' then period_preventions.prevented_cases end as prevented_cases
    from deflected
    left join prior_sums
        on
            deflected.period_grain = prior_sums.period_grain
            and deflected.period_end = prior_sums.period_end
            and deflected.dimension = prior_sums.dimension
            and deflected.member = prior_sums.member
    left join unit_costs on deflected.closing_month_number = unit_costs.month_number
    left join period_savings
        on deflected.period_grain = period_savings.period_grain and deflected.period_end = period_savings.period_end
    left join period_costs on deflected.period_grain = period_costs.period_grain and deflected.period_end = period_costs.period_end
    left join period_preventions
        on deflected.period_grain = period_preventions.period_grain and deflected.period_end = period_preventions.period_end
),

final as (
    select
        period_grain,
        period_end,
        dimension,
        member,
        {%- for column in visit_columns %}
        cast({{ column }} as bigint) as {{ column }},
        {%- endfor %}
        cast(round(found_share, 6) as decimal(18, 6)) as success_rate,
        cast(round(intended_share, 6) as decimal(18, 6)) as intent_rate,
        cast(round(resolved_share, 6) as decimal(18, 6)) as nothing_further_rate,
        successful_visits,
        deflected_visits,
        {%- for column in case_columns %}
        cast({{ column }} as bigint) as {{ column }},
        {%- endfor %}
        cast(prior_assisted_case_count as bigint) as prior_assisted_case_count,
        cast(prior_active_month_count as bigint) as prior_active_month_count,
        cast(
            round(cast(prior_assisted_case_count as double) * active_month_count / nullif(prior_active_month_count, 0), 6) as decimal(18, 6)
        ) as grown_cases,
        avoidable_cost_amount,
        handle_hours,
        cast(round(cast(deflected_visits as double) * cast(handle_hours as double), 6) as decimal(18, 6)) as deflected_hours,
        cast(case when judged_case_count > 0 then automated_case_count * handle_hours end as decimal(18, 6)) as automated_hours,
        cast(round(cast(deflected_visits as double) * cast(avoidable_cost_amount as double), 6) as decimal(18, 6)) as deflected_cost_amount,
        cast(article_saved_amount as decimal(18, 6)) as article_saved_amount,
        cast(knowledge_base_cost_amount as decimal(18, 6)) as knowledge_base_cost_amount,
        cast(prevented_cases as decimal(18, 6)) as prevented_cases,
        is_provisional
    from joined
)

select * from final
