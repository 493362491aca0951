-- grain: one contract of one kind that falls due
with due as (
    select * from {{ ref('int_renewals_due') }}
),

successors as (
    select * from {{ ref('int_renewal_successors') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

adoption_months as (
    select * from {{ ref('fct_adoption_months') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

succeeded as (
    select
        contract_key,
        contract_kind,
        term_end_date,
        min(successor_start_date) as renewal_start_date,
        count(*) as successor_count,
        case when count(renewed_mrr_amount) = count(*) then sum(renewed_mrr_amount) end as renewed_mrr_amount
    from successors
    group by contract_key, contract_kind, term_end_date
),

-- Bands are those of the month-end ninety days before: what became of the contract must not choose its band.
dated as (
    select
        due.*,
        {{ add_days('due.term_end_date', -1) }} as due_date,
        {{ add_days(
            'cast(' ~ dbt.date_trunc('month', add_days('due.term_end_date', -90)) ~ ' as date)', -1
        ) }} as banded_on_date,
        {{ add_days(
            add_months('cast(' ~ dbt.date_trunc('month', add_days('due.term_end_date', -1)) ~ ' as date)', 1), -1
        ) }} as month_end,
        coalesce(due.continued_date, succeeded.renewal_start_date) as renewal_start_date,
        case when due.continued_date is not null then due.continued_mrr_amount else succeeded.renewed_mrr_amount end as renewed_mrr_amount,
        due.continued_date is not null or succeeded.contract_key is not null as is_renewed,
        case when due.continued_date is not null then 1 else coalesce(succeeded.successor_count, 0) end as successor_count,
        clock.as_of_date
    from due
    cross join clock
    left join succeeded
        on
            due.contract_key = succeeded.contract_key
            and due.contract_kind = succeeded.contract_kind
            and due.term_end_date = succeeded.term_end_date
),

valued as (
    select
        *,
        cast(12 * available_mrr_amount as decimal(18, 6)) as available_amount,
        cast(case when is_renewed then 12 * renewed_mrr_amount else 0 end as decimal(18, 6)) as renewed_amount,
        not is_renewed and not is_lost_recorded and as_of_date < {{ add_days('term_end_date', var('renewal_grace_days')) }} as is_open
    from dated
),

final as (
    select
        concat(
            valued.contract_key, '|', valued.contract_kind, '|', cast(valued.term_end_date as {{ dbt.type_string() }})
        ) as renewal_key,
        valued.contract_key,
        valued.contract_kind,
        valued.customer_id,
        valued.account_key,
        valued.term_start_date,
        valued.due_date,
        valued.month_end,
        cast(extract(year from valued.month_end) * 12 + extract(month from valued.month_end) - 1 as integer) as month_number,
        valued.served_until_date,
        valued.renewal_start_date,
        cast(valued.successor_count as integer) as successor_count,
        valued.available_amount,
        valued.renewed_amount,
        cast(
            case
                when valued.renewed_amount < valued.available_amount then valued.renewed_amount
                when valued.renewed_amount is not null then valued.available_amount
            end as decimal(18, 6)
        ) as kept_amount,
        cast(valued.available_amount is not null and valued.renewed_amount is not null as boolean) as is_amount_known,
        cast(valued.is_renewed as boolean) as is_renewed,
        cast(valued.is_renewed and valued.renewal_start_date > valued.term_end_date as boolean) as is_late,
        cast(valued.is_open as boolean) as is_open,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(accounts.region, customers.region, 'unknown') as region,
        coalesce(accounts.channel, customers.channel, 'unknown') as channel,
        coalesce(valued.product_family, 'unknown') as product_family,
        coalesce(customer_months.tenure_band, 'unknown') as tenure_band,
        coalesce(adoption_months.adoption_band, 'unknown') as adoption_band
    from valued
    left join accounts on valued.account_key = accounts.account_key
    left join customers on valued.customer_id = customers.customer_id
    left join customer_months
        on valued.customer_id = customer_months.customer_id and valued.banded_on_date = customer_months.month_end
    left join adoption_months
        on valued.customer_id = adoption_months.customer_id and valued.banded_on_date = adoption_months.month_end
)

select * from final
