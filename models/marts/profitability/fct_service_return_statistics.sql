-- grain: one statistic of what services bring, period, dimension and member
-- noqa: disable=LT02,LT05
with periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known and not is_provisional
),

effects as (
    select
        periods.period_grain,
        periods.period_end,
        effects.outcome,
        effects.adjusted_effect,
        effects.ci_low,
        effects.ci_high,
        effects.n_treated,
        effects.coverage,
        effects.verdict,
        cast(effects.treated_arr_amount as double) as arr_amount,
        nullif(cast(effects.treated_cost_amount as double), 0) as cost_amount
    from {{ ref('fct_service_effects') }} as effects
    inner join periods on effects.month_end = periods.period_end
),

influenced as (
    select
        periods.period_grain,
        periods.period_end,
        case when count(*) = count(sales.won_amount) then sum(sales.split_amount) end as amount,
        count(case when sales.is_influenced and sales.is_first_line then 1 end) as sale_count
    from {{ ref('fct_influenced_sales') }} as sales
    inner join periods
        on sales.month_number > periods.opening_month_number and sales.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end
),

-- Cost and direct revenue of the same periods, where both are known of every line.
services as (
    select
        periods.period_grain,
        periods.period_end,
        sum(profit_months.revenue_amount) as revenue_amount,
        sum(profit_months.cost_amount) as cost_amount,
        count(distinct case when profit_months.cost_amount > 0 then profit_months.customer_id end) as customer_count
    from {{ ref('fct_service_profit_months') }} as profit_months
    inner join periods
        on
            profit_months.month_number > periods.opening_month_number
            and profit_months.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end
    having count(*) = count(profit_months.revenue_amount) and count(*) = count(profit_months.cost_amount) and sum(profit_months.cost_amount) > 0
),

-- What is not supported earns nothing.
supported as (
    select
        period_grain,
        period_end,
        adjusted_effect * arr_amount as amount,
        ci_low * arr_amount as low_amount,
        ci_high * arr_amount as high_amount
    from effects
    where outcome = 'revenue' and verdict = 'supported'
),

returns as (
    select
        services.period_grain,
        services.period_end,
        services.customer_count,
        cast(services.revenue_amount as double) as direct_amount,
        cast(services.cost_amount as double) as cost_amount,
        coalesce(supported.amount, 0) as indirect_amount,
        supported.low_amount,
        supported.high_amount
    from services
    left join supported on services.period_grain = supported.period_grain and services.period_end = supported.period_end
),

statistics as (
    select
        'service_retention_uplift' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        cast(adjusted_effect as double) as value,
        n_treated as n,
        coverage,
        verdict,
        cast(ci_low as double) as ci_low,
        cast(ci_high as double) as ci_high
    from effects
    where outcome = 'retained'

    union all

    select
        'retained_arr_per_service_dollar' as metric_key,
        period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        adjusted_effect * arr_amount / cost_amount as value,
        n_treated as n,
        coverage,
        case when cost_amount is null then 'insufficient_evidence' else verdict end as verdict,
        ci_low * arr_amount / cost_amount as ci_low,
        ci_high * arr_amount / cost_amount as ci_high
    from effects
    where outcome = 'retained'
    {%- for dimension, member in (('all', 'all'), ('basis', 'incremental')) %}

    union all

    select
        'service_indirect_revenue' as metric_key,
        period_grain,
        period_end,
        '{{ dimension }}' as dimension,
        '{{ member }}' as member,
        adjusted_effect * arr_amount as value,
        n_treated as n,
        coverage,
        verdict,
        ci_low * arr_amount as ci_low,
        ci_high * arr_amount as ci_high
    from effects
    where outcome = 'revenue'
    {%- endfor %}
    {%- for member in ('influenced', 'influenced_split') %}

    union all

    select
        'service_indirect_revenue' as metric_key,
        period_grain,
        period_end,
        'basis' as dimension,
        '{{ member }}' as member,
        cast(amount as double) as value,
        sale_count as n,
        cast(1 as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high
    from influenced
    {%- endfor %}
    {%- for dimension, member, indirect in (('all', 'all', true), ('basis', 'direct', false), ('basis', 'direct_and_incremental', true)) %}

    union all

    select
        'service_roi' as metric_key,
        period_grain,
        period_end,
        '{{ dimension }}' as dimension,
        '{{ member }}' as member,
        (direct_amount{{ ' + indirect_amount' if indirect }} - cost_amount) / cost_amount as value,
        customer_count as n,
        cast(1 as decimal(18, 6)) as coverage,
        cast(null as {{ dbt.type_string() }}) as verdict,
        {%- for side in ('low', 'high') %}
        {{ '(direct_amount + ' ~ side ~ '_amount - cost_amount) / cost_amount' if indirect else 'cast(null as double)' }} as ci_{{ side }}{{ ',' if not loop.last }}
        {%- endfor %}
    from returns
    {%- endfor %}
    {%- for revenue, key in (
        ('all', 'marginal_revenue_per_service_dollar'), ('direct', 'marginal_direct_revenue_per_service_dollar'),
        ('indirect', 'marginal_indirect_revenue_per_service_dollar'),
    ) %}

    union all

    select
        '{{ key }}' as metric_key,
        'quarter' as period_grain,
        period_end,
        'all' as dimension,
        'all' as member,
        cast(slope as double) as value,
        n,
        cast(1 as decimal(18, 6)) as coverage,
        verdict,
        cast(ci_low as double) as ci_low,
        cast(ci_high as double) as ci_high
    from {{ ref('fct_marginal_service_revenue') }}
    where revenue = '{{ revenue }}'
    {%- endfor %}
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        {{ round_amount('value') }} as value,
        cast(n as bigint) as n,
        cast(coverage as decimal(18, 6)) as coverage,
        verdict,
        {{ round_amount('ci_low') }} as ci_low,
        {{ round_amount('ci_high') }} as ci_high,
        false as is_provisional
    from statistics
)

select * from final
