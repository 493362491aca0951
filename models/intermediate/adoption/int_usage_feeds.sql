-- grain: one customer and product family whose use a system tells, with the days it tells of
with usage_accounts as (
    select * from {{ ref('int_usage_accounts') }}
),

mentions as (
    select * from {{ ref('int_usage_mentions') }}
),

families as (
    select * from {{ ref('int_usage_product_families') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- What a system tells: of which products, and whether it knows their users. Family `any` is what it says of no product in particular.
told as (
    select
        mentions.system,
        coalesce(families.product_family, 'any') as product_family,
        max(case when mentions.is_by_user then 1 else 0 end) as user_flag
    from mentions
    left join families on mentions.product_key = families.product_key
    group by mentions.system, coalesce(families.product_family, 'any')
),

-- An account that a system knows and tells nothing of used nothing; of one that no system knows, use is unknown.
final as (
    select
        identity.customer_id,
        told.product_family,
        min(usage_accounts.tracked_from_date) as tracked_from_date,
        max(usage_accounts.tracked_until_date) as tracked_until_date,
        cast(max(told.user_flag) = 1 as boolean) as is_by_user
    from usage_accounts
    inner join identity on usage_accounts.account_key = identity.account_key
    inner join told on usage_accounts.system = told.system
    group by identity.customer_id, told.product_family
)

select * from final
