-- grain: one metric of the time to benefit, period, dimension and member
-- noqa: disable=LT02,PRS
with first_value_months as (
    select * from {{ ref('fct_first_value_months') }}
),

service_months as (
    select * from {{ ref('fct_service_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain in ('t12m', 'year') and is_opening_known
),

firsts as (
    select
        customer_id,
        has_service_contract,
        row_number() over (partition by customer_id order by month_number asc) as place
    from service_months
),

-- Services held from the first month-end on, before any benefit was told.
members as (
    select
        first_value_months.*,
        'service_attach' as dimension,
        case
            when firsts.has_service_contract then 'with_services'
            when not firsts.has_service_contract then 'without_services'
            else 'unknown'
        end as member
    from first_value_months
    left join firsts on first_value_months.customer_id = firsts.customer_id and firsts.place = 1
),

{{ medians_of_waits('members', 'is_value_reached', {'time_to_benefit_by_service_attach': 0.5}, result='medians') }},

-- How many days sooner those with services are there.
final as (
    select * from medians

    union all

    select
        without_services.metric_key,
        without_services.period_grain,
        without_services.period_end,
        'all' as dimension,
        'all' as member,
        cast(without_services.value - with_services.value as decimal(18, 6)) as value,
        least(without_services.n, with_services.n) as n,
        least(without_services.coverage, with_services.coverage) as coverage,
        without_services.verdict,
        cast(null as decimal(18, 6)) as ci_low,
        cast(null as decimal(18, 6)) as ci_high,
        without_services.is_provisional
    from medians as without_services
    inner join medians as with_services
        on
            without_services.metric_key = with_services.metric_key
            and without_services.period_grain = with_services.period_grain
            and without_services.period_end = with_services.period_end
    where without_services.member = 'without_services' and with_services.member = 'with_services'
)

select * from final
