-- grain: one contract and kind: the products of a contract, or the services of it
with segments as (
    select * from {{ ref('int_recurring_segments') }}
),

-- Paid stretches only; what is merely bridged or pending is no service rendered.
paid as (
    select
        contract_key,
        case when line_type in ('maintenance', 'support', 'success') then 'service' else 'product' end as contract_kind,
        customer_id,
        account_key,
        start_date,
        end_date
    from segments
    where contract_key is not null and mrr_original_amount > 0 and not is_bridged and not is_pending
),

final as (
    select
        contract_key,
        contract_kind,
        min(customer_id) as customer_id,
        min(account_key) as account_key,
        min(start_date) as start_date,
        case when count(end_date) = count(*) then max(end_date) end as end_date
    from paid
    group by contract_key, contract_kind
)

select * from final
