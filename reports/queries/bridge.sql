-- grain: one bridge and movement of the newest twelve months that are not provisional; a year's revenue is 12 × a month's
with shown as (

    select
        metric_key,
        period_grain,
        period_end
    from marts.fct_metric_values
    where
        metric_key in ('recurring_revenue_movements', 'service_revenue_bridge')
        and period_grain = 't12m'
        and dimension = 'movement'
    qualify
        row_number() over (
            partition by metric_key
            order by coalesce(is_provisional, false) asc, period_end desc, member asc
        ) = 1

),

final as (

    select
        metric_values.metric_key,
        metric_values.member,
        metric_values.period_grain,
        metric_values.period_end,
        -- the bridge of services is of a year already
        case metric_values.metric_key when 'recurring_revenue_movements' then 12 else 1 end * metric_values.numerator as arr_amount,
        cast(metric_values.numerator / nullif(metric_values.denominator, 0) as decimal(18, 6)) as opening_share
    from marts.fct_metric_values as metric_values
    inner join shown
        on
            metric_values.metric_key = shown.metric_key
            and metric_values.period_grain = shown.period_grain
            and metric_values.period_end = shown.period_end
    where metric_values.dimension = 'movement'

)

select * from final
order by metric_key, member
