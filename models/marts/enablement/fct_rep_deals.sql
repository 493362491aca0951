-- grain: one eligible sale, or one service contract that falls due, with the rep whose deal it is
with sales as (
    select * from {{ ref('fct_service_sales') }} where is_eligible and is_mature
),

renewals as (
    select * from {{ ref('fct_contract_renewals') }} where contract_kind = 'service'
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

months as (
    select * from {{ ref('int_months') }}
),

deals as (
    select
        'sale' as event,
        sale_key as event_key,
        rep_id,
        close_date as deal_date,
        month_end,
        segment,
        is_attached as is_success
    from sales

    union all

    -- A contract is the deal of whoever the customer's newest deal was closed by.
    select
        'renewal' as event,
        renewals.renewal_key as event_key,
        owners.rep_id,
        renewals.due_date as deal_date,
        renewals.month_end,
        renewals.segment,
        renewals.is_renewed as is_success
    from renewals
    left join owners
        on
            renewals.customer_id = owners.customer_id
            and renewals.due_date >= owners.owned_from_date
            and (owners.owned_until_date is null or renewals.due_date < owners.owned_until_date)
),

final as (
    select
        deals.event,
        concat(deals.event, '|', deals.event_key) as deal_key,
        deals.rep_id,
        deals.deal_date,
        deals.month_end,
        cast(months.month_number as integer) as month_number,
        deals.segment,
        coalesce(reps.region, 'unknown') as region,
        coalesce(reps.party, 'unknown') as party,
        cast(reps.rep_id is not null as boolean) as has_rep,
        cast(qualifications.is_qualified as boolean) as is_qualified,
        case
            when qualifications.is_qualified then 'qualified' when not qualifications.is_qualified then 'not_qualified' else 'unknown'
        end as rep_status,
        cast(deals.is_success as boolean) as is_success,
        months.is_provisional
    from deals
    inner join months on deals.month_end = months.month_end
    left join reps on deals.rep_id = reps.rep_id
    left join qualifications
        on
            deals.rep_id = qualifications.rep_id
            and deals.deal_date >= qualifications.valid_from_date
            and (qualifications.valid_until_date is null or deals.deal_date < qualifications.valid_until_date)
)

select * from final
