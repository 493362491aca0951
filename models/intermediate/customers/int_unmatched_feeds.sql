-- grain: one unmatched customer and kind of records that may tell of it: cases, visits, answers, risks
with identity as (
    select * from {{ ref('int_customer_identity') }} where is_unmatched
),

records as (
    select 'cases' as record_kind, system, account_key, {{ reporting_date('created_at') }} as record_date
    from {{ ref('int_cases') }}

    union all

    select 'visits' as record_kind, system, account_key, {{ reporting_date('started_at') }} as record_date
    from {{ ref('int_self_service_sessions') }}

    union all

    select 'answers' as record_kind, system, account_key, answered_date as record_date
    from {{ ref('int_survey_answers') }}

    union all

    select 'risks' as record_kind, system, account_key, opened_date as record_date
    from {{ ref('int_risk_records') }}
),

logs as (
    select record_kind, system, min(record_date) as told_from_date
    from records
    group by record_kind, system
),

-- A system that keeps the account itself would tell of it, from its first record on. The templates are many exports, each of which tells
-- of the accounts in it only.
told as (
    select identity.customer_id, logs.record_kind, logs.told_from_date
    from identity
    inner join logs on identity.system = logs.system
    where identity.has_record and identity.system <> 'templates'

    union all

    select identity.customer_id, records.record_kind, records.record_date as told_from_date
    from identity
    inner join records on identity.account_key = records.account_key
),

first_told as (
    select customer_id, record_kind, min(told_from_date) as told_from_date
    from told
    group by customer_id, record_kind
),

kinds as (
    select 'cases' as record_kind
    union all
    select 'visits' as record_kind
    union all
    select 'answers' as record_kind
    union all
    select 'risks' as record_kind
),

customers as (
    select distinct customer_id from identity
),

final as (
    select customers.customer_id, kinds.record_kind, first_told.told_from_date
    from customers
    cross join kinds
    left join first_told on customers.customer_id = first_told.customer_id and kinds.record_kind = first_told.record_kind
)

select * from final
