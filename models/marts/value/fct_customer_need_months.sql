-- grain: one active customer, need for a service it has stated within twelve months, and month-end
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

needs as (
    select * from {{ ref('int_customer_needs') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- Needs that a service on sale names as its outcome.
met as (
    select distinct attribute_value as need, month_end
    from {{ ref('int_offer_attribute_months') }}
    where attribute = 'outcome'
),

final as (
    select
        concat(customer_months.customer_id, '|', needs.need) as customer_need_id,
        customer_months.customer_id,
        needs.need,
        customer_months.month_end,
        cast(max(case when met.need is null then 1 else 0 end) = 1 as boolean) as is_unmet,
        customer_months.is_provisional
    from customer_months
    inner join identity on customer_months.customer_id = identity.customer_id
    inner join needs
        on
            identity.account_key = needs.account_key
            and customer_months.snapshot_date >= needs.stated_date
            and needs.stated_date > {{ add_days(add_months(add_days('customer_months.month_end', 1), -12), -1) }}
    left join met on needs.need = met.need and customer_months.month_end = met.month_end
    group by customer_months.customer_id, needs.need, customer_months.month_end, customer_months.is_provisional
)

select * from final
