-- grain: one rep who sells services, and period
with reps as (
    select * from {{ ref('dim_reps') }} where is_service_seller
),

rep_months as (
    select rep_id, month_number from {{ ref('fct_rep_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

months as (
    select * from {{ ref('int_months') }}
),

opportunities as (
    select * from {{ ref('int_opportunities') }} where is_won and opportunity_type <> 'renewal'
),

lines as (
    select * from {{ ref('int_opportunity_lines') }} where net_amount > 0 and not is_bundled
),

products as (
    select * from {{ ref('dim_products') }}
),

quotas as (
    select * from {{ ref('int_rep_quotas') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

begun as (
    select min(opportunities.close_date) as line_date
    from opportunities
    inner join lines on opportunities.opportunity_key = lines.opportunity_key
),

-- Services that reps sold anew; a renewal is none.
sold as (
    select
        opportunities.rep_id,
        months.month_number,
        count(*) as line_count,
        case
            when count({{ converted_amount('lines.annual_amount', 'rates.rate') }}) = count(*)
                then sum({{ converted_amount('lines.annual_amount', 'rates.rate') }})
        end as booked_amount
    from opportunities
    inner join lines on opportunities.opportunity_key = lines.opportunity_key
    inner join months on opportunities.close_date >= months.month_start and opportunities.close_date <= months.month_end
    left join products on lines.product_key = products.product_key
    left join rates on lines.currency = rates.currency
    where
        opportunities.rep_id is not null
        and (
            lines.offer_id is not null
            or products.offer_type in ('maintenance', 'support', 'success', 'education', 'professional_services')
        )
    group by opportunities.rep_id, months.month_number
),

-- Amounts of no currency are in the reporting currency.
rated_quotas as (
    select
        quotas.rep_id,
        months.month_number,
        quotas.service_quota_amount,
        quotas.service_pay_amount,
        quotas.product_pay_amount,
        case when quotas.currency is null then cast(1 as decimal(18, 9)) else rates.rate end as rate
    from quotas
    inner join months on quotas.quota_month >= months.month_start and quotas.quota_month <= months.month_end
    left join rates on quotas.currency = rates.currency
),

converted_quotas as (
    select
        rep_id,
        month_number,
        service_quota_amount > 0 as has_quota,
        {{ converted_amount('service_quota_amount', 'rate') }} as service_quota_amount,
        {{ converted_amount('service_pay_amount', 'rate') }} as service_pay_amount,
        {{ converted_amount('product_pay_amount', 'rate') }} as product_pay_amount
    from rated_quotas
),

goals as (
    select
        rep_id,
        month_number,
        max(case when has_quota then 1 else 0 end) as quota_flag,
        case
            when count(case when has_quota then 1 end) = count(case when has_quota then service_quota_amount end)
                then sum(case when has_quota then service_quota_amount else 0 end)
        end as service_quota_amount,
        case when count(service_pay_amount) = count(*) then sum(service_pay_amount) end as service_pay_amount,
        case when count(product_pay_amount) = count(*) then sum(product_pay_amount) end as product_pay_amount
    from converted_quotas
    group by rep_id, month_number
),

-- Months in which the rep was one, or had a goal.
known_months as (
    select rep_id, month_number, 1 as active_flag from rep_months
    union all
    select goals.rep_id, goals.month_number, 0 as active_flag
    from goals
    left join rep_months on goals.rep_id = rep_months.rep_id and goals.month_number = rep_months.month_number
    where rep_months.rep_id is null
),

by_period as (
    select
        known_months.rep_id,
        periods.period_grain,
        periods.period_end,
        periods.snapshot_date,
        periods.is_provisional,
        max(case when known_months.month_number = periods.closing_month_number then known_months.active_flag else 0 end) as active_flag,
        sum(coalesce(sold.line_count, 0)) as line_count,
        max(coalesce(goals.quota_flag, 0)) as quota_flag,
        count(goals.rep_id) as pay_month_count,
        count(case when goals.quota_flag = 1 and goals.service_quota_amount is null then 1 end) as unknown_quota_count,
        count(
            case when goals.quota_flag = 1 and sold.rep_id is not null and sold.booked_amount is null then 1 end
        ) as unknown_booking_count,
        sum(case when goals.quota_flag = 1 then goals.service_quota_amount else 0 end) as quota_amount,
        sum(case when goals.quota_flag = 1 then coalesce(sold.booked_amount, 0) else 0 end) as quota_booked_amount,
        count(goals.service_pay_amount + goals.product_pay_amount) as known_pay_count,
        sum(goals.service_pay_amount) as service_pay_amount,
        sum(goals.product_pay_amount) as product_pay_amount
    from known_months
    inner join periods
        on
            known_months.month_number > periods.opening_month_number
            and known_months.month_number <= periods.closing_month_number
    left join sold on known_months.rep_id = sold.rep_id and known_months.month_number = sold.month_number
    left join goals on known_months.rep_id = goals.rep_id and known_months.month_number = goals.month_number
    group by known_months.rep_id, periods.period_grain, periods.period_end, periods.snapshot_date, periods.is_provisional
),

final as (
    select
        by_period.rep_id,
        by_period.period_grain,
        by_period.period_end,
        reps.party,
        reps.region,
        cast(by_period.active_flag = 1 as boolean) as is_active_at_closing,
        cast(case when begun.line_date <= by_period.snapshot_date then by_period.line_count > 0 end as boolean) as has_sold_service,
        cast(by_period.quota_flag = 1 as boolean) as has_quota,
        cast(case when by_period.unknown_quota_count = 0 then by_period.quota_amount end as decimal(18, 6)) as quota_amount,
        cast(
            case
                when by_period.unknown_booking_count = 0 and begun.line_date <= by_period.snapshot_date then by_period.quota_booked_amount
            end as decimal(18, 6)
        ) as quota_booked_amount,
        cast(by_period.pay_month_count > 0 as boolean) as has_pay,
        cast(
            case when by_period.known_pay_count = by_period.pay_month_count then by_period.service_pay_amount end as decimal(18, 6)
        ) as service_pay_amount,
        cast(
            case
                when by_period.known_pay_count = by_period.pay_month_count
                    then by_period.service_pay_amount + by_period.product_pay_amount
            end as decimal(18, 6)
        ) as total_pay_amount,
        by_period.is_provisional
    from by_period
    inner join reps on by_period.rep_id = reps.rep_id
    cross join begun
)

select * from final
