-- grain: one service contract that had lapsed before a period and was still lapsed at its start, and period
with renewals as (
    select * from {{ ref('fct_contract_renewals') }} where contract_kind = 'service' and not is_renewed and not is_open
),

segments as (
    select * from {{ ref('int_recurring_segments') }}
    where
        line_type in ('maintenance', 'support', 'success') and mrr_original_amount > 0 and not is_bridged and not is_pending
),

periods as (
    select * from {{ ref('dim_periods') }} where is_opening_known
),

clock as (
    select * from {{ ref('int_as_of') }}
),

lapsed as (
    select
        renewals.renewal_key,
        renewals.customer_id,
        renewals.product_family,
        renewals.segment,
        renewals.region,
        renewals.channel,
        {{ add_days('renewals.due_date', 1) }} as lapsed_date
    from renewals
),

-- What starts after the grace has come back; what starts within it is a renewal, of this contract or of another.
returned as (
    select
        lapsed.renewal_key,
        lapsed.customer_id,
        lapsed.product_family,
        lapsed.segment,
        lapsed.region,
        lapsed.channel,
        lapsed.lapsed_date,
        min(segments.start_date) as reinstated_date
    from lapsed
    cross join clock
    left join segments
        on
            lapsed.customer_id = segments.customer_id
            and lapsed.product_family = segments.product_family
            and segments.start_date > {{ add_days('lapsed.lapsed_date', var('renewal_grace_days')) }}
            and segments.start_date <= clock.as_of_date
    group by
        lapsed.renewal_key,
        lapsed.customer_id,
        lapsed.product_family,
        lapsed.segment,
        lapsed.region,
        lapsed.channel,
        lapsed.lapsed_date
),

final as (
    select
        returned.renewal_key,
        returned.customer_id,
        returned.product_family,
        returned.segment,
        returned.region,
        returned.channel,
        periods.period_grain,
        periods.period_end,
        returned.lapsed_date,
        returned.reinstated_date,
        cast(coalesce(returned.reinstated_date <= periods.period_end, false) as boolean) as is_reinstated,
        cast(periods.is_provisional as boolean) as is_provisional
    from returned
    inner join periods
        on
            returned.lapsed_date <= periods.opening_date
            and returned.lapsed_date > {{ add_days(add_months(add_days('periods.opening_date', 1), -var('winback_pool_months')), -1) }}
            and (returned.reinstated_date is null or returned.reinstated_date > periods.opening_date)
)

select * from final
