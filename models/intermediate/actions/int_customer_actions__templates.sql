-- grain: one action of the customer_actions template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with actions as (
    select * from {{ ref('stg_templates__customer_actions') }}
),

types as (
    select * from {{ ref('action_types') }}
),

final as (
    select
        'templates:' || actions.action_id as action_key,
        'templates' as system,
        'templates:' || actions.account_id as account_key,
        coalesce(types.action_type, 'unknown') as action_type,
        actions.action_date,
        actions.recorded_date
    from actions
    left join types on {{ lower_case('actions.action_words') }} = types.action_words
)

select * from final
