-- grain: one customer with recurring service revenue at the opening of a period, and period, with the rep whose customer it was
with windows as (
    select * from {{ ref('fct_service_windows') }} where service_attach = 'with_services'
),

periods as (
    select * from {{ ref('int_periods') }}
),

months as (
    select * from {{ ref('int_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

owners as (
    select * from {{ ref('int_customer_owners') }}
),

reps as (
    select * from {{ ref('dim_reps') }}
),

qualifications as (
    select * from {{ ref('int_rep_qualifications') }}
),

-- Owner and qualification are those of the opening: what became of the revenue must not choose them.
opened as (
    select
        windows.customer_id,
        windows.period_grain,
        windows.period_end,
        openings.month_end as opening_date,
        windows.opening_service_amount,
        windows.closing_service_amount,
        windows.is_service_amount_known,
        windows.is_provisional
    from windows
    inner join periods on windows.period_grain = periods.period_grain and windows.period_end = periods.period_end
    inner join months as openings on periods.opening_month_number = openings.month_number
),

final as (
    select
        opened.customer_id,
        opened.period_grain,
        opened.period_end,
        owners.rep_id,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(reps.region, 'unknown') as region,
        coalesce(reps.party, 'unknown') as party,
        cast(reps.rep_id is not null as boolean) as has_rep,
        cast(qualifications.is_qualified as boolean) as is_qualified,
        case
            when qualifications.is_qualified then 'qualified' when not qualifications.is_qualified then 'not_qualified' else 'unknown'
        end as rep_status,
        cast(case when opened.is_service_amount_known then opened.opening_service_amount end as decimal(18, 6)) as opening_amount,
        cast(
            case
                when opened.is_service_amount_known then greatest(opened.closing_service_amount - opened.opening_service_amount, 0)
            end as decimal(18, 6)
        ) as expansion_amount,
        opened.is_provisional
    from opened
    left join customers on opened.customer_id = customers.customer_id
    left join owners
        on
            opened.customer_id = owners.customer_id
            and opened.opening_date >= owners.owned_from_date
            and (owners.owned_until_date is null or opened.opening_date < owners.owned_until_date)
    left join reps on owners.rep_id = reps.rep_id
    left join qualifications
        on
            owners.rep_id = qualifications.rep_id
            and opened.opening_date >= qualifications.valid_from_date
            and (qualifications.valid_until_date is null or opened.opening_date < qualifications.valid_until_date)
)

select * from final
