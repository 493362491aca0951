-- grain: one active customer and month-end
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

segments as (
    select * from {{ ref('int_recurring_segments') }} where mrr_original_amount <> 0
),

months as (
    select * from {{ ref('int_months') }}
),

offer_products as (
    select * from {{ ref('int_offer_products') }}
),

offers as (
    select * from {{ ref('int_service_offers') }}
),

-- The level of an offer of the catalogue is what that says; of a support or success service it does not know, the tier, else the first.
lines as (
    select
        segments.customer_id,
        segments.start_date,
        segments.end_date,
        segments.line_type,
        segments.mrr_original_amount,
        segments.mrr_amount,
        segments.line_type in ('maintenance', 'support', 'success') as is_service,
        case
            when segments.line_type not in ('support', 'success') or segments.mrr_original_amount <= 0 then 0
            when offers.offer_id is not null then coalesce(offers.service_level_rank, 0)
            else coalesce(segments.tier_rank, 1)
        end as service_level_rank
    from segments
    left join offer_products on segments.product_key = offer_products.product_key
    left join offers on offer_products.offer_id = offers.offer_id
),

held as (
    select
        lines.customer_id,
        months.month_end,
        max(case when not lines.is_service and lines.mrr_original_amount > 0 then 1 else 0 end) as subscription_flag,
        max(case when lines.is_service and lines.mrr_original_amount > 0 then 1 else 0 end) as service_flag,
        {%- for line in ('maintenance', 'support', 'success') %}
        max(case when lines.line_type = '{{ line }}' and lines.mrr_original_amount > 0 then 1 else 0 end) as {{ line }}_flag,
        {%- endfor %}
        sum(case when lines.is_service then lines.mrr_amount end) as service_mrr_amount,
        max(case when lines.is_service and lines.mrr_amount is null then 1 else 0 end) as unknown_flag,
        max(lines.service_level_rank) as service_level_rank
    from lines
    inner join months
        on
            lines.start_date <= months.snapshot_date
            and (lines.end_date is null or months.snapshot_date < lines.end_date)
    group by lines.customer_id, months.month_end
),

first_services as (
    select customer_id, min(start_date) as first_service_date
    from lines
    where is_service and mrr_original_amount > 0
    group by customer_id
),

joined as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.month_number,
        customer_months.tenure_band,
        customer_months.is_provisional,
        coalesce(held.subscription_flag, 0) = 1 as is_subscriber,
        coalesce(held.service_flag, 0) = 1 as has_service_contract,
        {%- for line in ('maintenance', 'support', 'success') %}
        coalesce(held.{{ line }}_flag, 0) = 1 as has_{{ line }},
        {%- endfor %}
        coalesce(held.unknown_flag, 0) = 0 as is_amount_known,
        case when coalesce(held.unknown_flag, 0) = 0 then 12 * greatest(coalesce(held.service_mrr_amount, 0), 0) end as service_arr_amount,
        coalesce(held.service_level_rank, 0) as service_level_rank,
        case
            when held.service_flag = 1
                then {{ dbt.datediff('first_services.first_service_date', 'customer_months.snapshot_date', 'month') }}
        end as service_tenure_months
    from customer_months
    left join held on customer_months.customer_id = held.customer_id and customer_months.month_end = held.month_end
    left join first_services on customer_months.customer_id = first_services.customer_id
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        tenure_band,
        cast(is_subscriber as boolean) as is_subscriber,
        cast(has_service_contract as boolean) as has_service_contract,
        {%- for line in ('maintenance', 'support', 'success') %}
        cast(has_{{ line }} as boolean) as has_{{ line }},
        {%- endfor %}
        cast(service_arr_amount as decimal(18, 6)) as service_arr_amount,
        cast(is_amount_known as boolean) as is_amount_known,
        cast(service_level_rank as integer) as service_level_rank,
        cast(service_tenure_months as integer) as service_tenure_months,
        cast(min(case when has_service_contract then month_number end) over (
            partition by customer_id order by month_number asc rows between unbounded preceding and current row
        ) as integer) as first_service_month_number,
        cast(is_provisional as boolean) as is_provisional
    from joined
)

select * from final
