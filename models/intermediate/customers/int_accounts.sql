-- grain: one account of one system, with accounts that only money, usage or support mentions
with customers as (
    select * from {{ ref('int_customers') }}
),

mentioned as (
    select account_key from {{ ref('int_contract_lines') }} where coalesce(exclusion_reason, '') not in ('test_mode', 'deleted')
    union
    select account_key from {{ ref('int_invoice_lines') }}
    union
    select account_key from {{ ref('int_usage_days') }}
    union
    select account_key from {{ ref('int_cases') }}
    union
    select account_key from {{ ref('int_self_service_sessions') }}
    union
    -- The templates carry ids of customers, whether there is a record of them or not.
    select account_key from {{ ref('int_engagements') }} where system = 'templates'
    union
    select account_key from {{ ref('int_survey_answers') }} where system = 'templates'
    union
    select account_key from {{ ref('int_risk_records') }} where system = 'templates'
    union
    select account_key from {{ ref('int_customer_actions') }} where system = 'templates'
    union
    select account_key from {{ ref('int_success_plans') }} where system = 'templates'
    union
    select account_key from {{ ref('int_customer_returns') }} where system = 'templates'
    union
    select account_key from {{ ref('int_activity_records') }} where system = 'templates'
    union
    select account_key from {{ ref('int_training_completions') }} where system = 'templates'
    union
    select account_key from {{ ref('int_assessments') }} where system = 'templates'
    union
    select account_key from {{ ref('int_learning_steps') }} where system = 'templates'
    union
    select account_key from {{ ref('int_customer_versions') }} where system = 'templates'
    union
    select account_key from {{ ref('int_customer_needs') }} where system = 'templates'
    union
    select account_key from {{ ref('int_service_deliveries') }} where system = 'templates'
    union
    select account_key from {{ ref('int_service_projects') }} where system = 'templates'
),

without_record as (
    select
        mentioned.account_key,
        {{ dbt.split_part('mentioned.account_key', "':'", 1) }} as system
    from mentioned
    left join customers on mentioned.account_key = customers.account_key
    where customers.account_key is null and mentioned.account_key is not null
),

final as (
    select
        account_key,
        system,
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        crm_account_id,
        segment,
        region,
        channel,
        industry,
        country,
        coalesce(is_deleted, false) as is_deleted,
        true as has_record
    from customers

    union all

    select
        account_key,
        system,
        substr(account_key, length(system) + 2) as account_id,
        cast(null as {{ dbt.type_string() }}) as account_name,
        cast(null as {{ dbt.type_string() }}) as parent_account_id,
        cast(null as {{ dbt.type_string() }}) as merged_into_account_id,
        -- The templates and usage tracking carry the company's own customer ids: those of its CRM, where it has one.
        case when system in ('pendo', 'templates') then substr(account_key, length(system) + 2) end as crm_account_id,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as {{ dbt.type_string() }}) as country,
        false as is_deleted,
        false as has_record
    from without_record
)

select * from final
