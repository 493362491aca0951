-- grain: one account of one system, with the one account it points at
with accounts as (
    select * from {{ ref('int_accounts') }}
),

overrides as (
    select
        concat(system, ':', account_id) as account_key,
        concat(customer_system, ':', customer_account_id) as target_key
    from {{ ref('customer_overrides') }}
),

-- An id of Salesforce has 15 characters, or 18 of which the last three only repeat the case of the others.
short_ids as (
    select {{ salesforce_short_id('account_id') }} as short_id, min(account_key) as account_key
    from accounts
    where system = 'salesforce'
    group by {{ salesforce_short_id('account_id') }}
),

-- Each account points at most at one other: override, merge, CRM account, parent, in this order.
targets as (
    select
        accounts.account_key,
        overridden.account_key as override_key,
        -- An account that names itself names nobody; an override to itself sets it apart.
        nullif(merged.account_key, accounts.account_key) as merged_key,
        coalesce(crm.account_key, short_ids.account_key) as crm_key,
        {% if var('customer_grain') == 'ultimate_parent' -%}
        nullif(parent.account_key, accounts.account_key) as parent_key
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as parent_key
        {%- endif %}
    from accounts
    left join overrides on accounts.account_key = overrides.account_key
    left join accounts as overridden on overrides.target_key = overridden.account_key
    left join accounts as merged on concat(accounts.system, ':', accounts.merged_into_account_id) = merged.account_key
    left join accounts as crm
        on case when accounts.system <> 'salesforce' then concat('salesforce:', accounts.crm_account_id) end = crm.account_key
    left join short_ids
        on case when accounts.system <> 'salesforce' then {{ salesforce_short_id('accounts.crm_account_id') }} end = short_ids.short_id
    left join accounts as parent on concat(accounts.system, ':', accounts.parent_account_id) = parent.account_key
),

final as (
    select
        account_key,
        case
            when coalesce(override_key, merged_key, crm_key, parent_key) <> account_key
                then coalesce(override_key, merged_key, crm_key, parent_key)
        end as next_key,
        case
            when override_key is not null then 'override'
            when merged_key is not null then 'merge'
            when crm_key is not null then 'crm_id'
            when parent_key is not null then 'parent'
        end as link_type
    from targets
)

select * from final
