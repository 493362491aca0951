-- grain: one outcome, customer and month-end at which the customer has it
with adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where sold_quantity is not null
),

months as (
    select * from {{ ref('int_months') }}
),

-- What is counted over time, such as cases, stands here as the ratio of sums of the three months that end with the month.
final as (
    select
        'license_adoption' as outcome_key,
        adoption_months.customer_id,
        months.month_number,
        adoption_months.adoption_rate as outcome_value
    from adoption_months
    inner join months on adoption_months.month_end = months.month_end
    where not months.is_provisional
)

select * from final
