-- grain: one version of a quote
with exported as (
    select * from {{ ref('base_templates__quotes') }} where _row_status = 'accepted'
),

final as (
    select
        quote_id,
        account_id,
        opportunity_id,
        is_primary,
        {{ lower_case('quote_type') }} as quote_type,
        rep_id,
        region,
        channel,
        upper(currency) as currency,
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
        _created_date as recorded_date
    from exported
)

select * from final
