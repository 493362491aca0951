-- grain: one benefit of a customer in a month
with exported as (

    select * from {{ ref('base_templates__customer_benefits') }}

),

final as (

    select
        benefit_id,
        account_id,
        benefit_month as benefit_date,
        amount,
        upper(currency) as currency,
        {{ lower_case('verified_by') }} as verified_by,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'

)

select * from final
