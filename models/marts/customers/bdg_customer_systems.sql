-- grain: one account of one system
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

final as (
    select account_key, system, account_id, customer_id, is_unmatched, match_method, is_in_cycle, has_record
    from identity
)

select * from final
