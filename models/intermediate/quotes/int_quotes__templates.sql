-- grain: one row of the quotes template
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__quotes') }}
),

final as (
    select
        'templates:' || quote_id as quote_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        opportunity_id,
        is_primary,
        case when quote_type in ('renewal', 'amendment') then quote_type else 'new' end as quote_type,
        rep_id,
        region,
        channel,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        net_amount,
        created_at,
        configured_at,
        proposal_at,
        is_proposal_automated,
        presented_at,
        accepted_at,
        is_esigned,
        is_guided,
        is_on_demand,
        is_on_platform,
        has_custom_sow,
        recorded_date
    from exported
)

select * from final
