-- grain: one learner
with exported as (
    select * from {{ ref('base_thought_industries__users') }} where _row_status = 'accepted'
),

final as (
    select
        id as learner_id,
        email,
        coalesce(sf_account_id, external_customer_id) as account_id,
        sf_contact_id as contact_id,
        _created_date as recorded_date
    from exported
)

select * from final
