-- grain: one customer that a system with success plans knows, with the day from which it tells of plans
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

told as (
    select system, min(start_date) as told_from_date
    from {{ ref('int_success_plans') }}
    group by system
),

-- A customer that such a system knows and has no plan of has none; of one that no such system knows, it is unknown.
final as (
    select identity.customer_id, min(told.told_from_date) as told_from_date
    from identity
    inner join told on identity.system = told.system
    group by identity.customer_id
)

select * from final
