-- grain: one sales opportunity
with exported as (

    select * from {{ ref('base_templates__opportunities') }}

),

final as (

    select
        opportunity_id,
        account_id,
        close_date,
        lower(replace(replace(opportunity_type, ' ', '_'), '-', '_')) as opportunity_type,
        rep_id,
        created_date,
        stage,
        is_won,
        is_closed,
        channel,
        region,
        loss_reason,
        amount,
        upper(currency) as currency,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
