-- grain: one loss reason of the templates
{{ config(enabled='templates' in var('systems')) }}

with reasons as (

    select * from {{ ref('stg_templates__loss_reasons') }}

),

final as (

    select
        'templates:' || loss_reason_id as loss_reason_id,
        'templates' as system,
        'templates:' || account_id as account_key,
        'templates:' || contract_id as contract_key,
        reason_date,
        case
            when reason_source in ('crm_renewal', 'billing_cancel', 'cs_risk') then reason_source
            else 'billing_cancel'
        end as reason_source,
        {{ reason_key('reason_raw') }} as reason_key,
        recorded_date
    from reasons

)

select * from final
