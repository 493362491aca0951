-- grain: one action for a customer
with exported as (

    select * from {{ ref('base_templates__customer_actions') }}

),

final as (

    select
        action_id,
        account_id,
        action_type as action_words,
        action_date,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
