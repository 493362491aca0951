-- grain: one active customer and month-end
-- noqa: disable=LT02
{%- set recurring_lines = ('maintenance', 'support', 'success') %}
{%- set bought_lines = ('education', 'professional_services') %}
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

segments as (
    select * from {{ ref('int_recurring_segments') }} where mrr_original_amount > 0
),

invoice_lines as (
    select * from {{ ref('int_invoice_lines') }} where amount > 0
),

versions as (
    select * from {{ ref('int_customer_versions') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

purchases as (
    select
        identity.customer_id,
        invoice_lines.invoice_date,
        products.offer_type,
        coalesce(products.licence_model, invoice_lines.licence_model) as licence_model
    from invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    left join products on invoice_lines.product_key = products.product_key
    where
        products.offer_type in ('education', 'professional_services')
        or (
            coalesce(products.offer_type, 'product') = 'product'
            and coalesce(products.licence_model, invoice_lines.licence_model) = 'perpetual'
        )
),

bought as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        count(case when purchases.licence_model = 'perpetual' then 1 end) as perpetual_count,
        {%- for line in bought_lines %}
        count(
            case
                when
                    purchases.offer_type = '{{ line }}'
                    and purchases.invoice_date > {{ add_days(add_months(add_days('customer_months.month_end', 1), -12), -1) }}
                    then 1
            end
        ) as {{ line }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from customer_months
    inner join purchases
        on
            customer_months.customer_id = purchases.customer_id
            and customer_months.snapshot_date >= purchases.invoice_date
    group by customer_months.customer_id, customer_months.month_end
),

recurring as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        count(case when products.offer_type = 'product' and products.licence_model = 'subscription' then 1 end) as subscription_count,
        count(case when products.offer_type = 'product' and products.licence_model = 'perpetual' then 1 end) as perpetual_count,
        {%- for line in recurring_lines %}
        count(case when segments.line_type = '{{ line }}' then 1 end) as {{ line }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from customer_months
    inner join segments
        on
            customer_months.customer_id = segments.customer_id
            and customer_months.snapshot_date >= segments.start_date
            and (segments.end_date is null or customer_months.snapshot_date < segments.end_date)
    left join products on segments.product_key = products.product_key
    group by customer_months.customer_id, customer_months.month_end
),

running as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        count(case when versions.current_until_date <= customer_months.snapshot_date then 1 end) as outdated_count
    from customer_months
    inner join identity on customer_months.customer_id = identity.customer_id
    inner join versions
        on
            identity.account_key = versions.account_key
            and customer_months.snapshot_date >= versions.used_from_date
            and (versions.used_until_date is null or customer_months.snapshot_date < versions.used_until_date)
    group by customer_months.customer_id, customer_months.month_end
),

-- Whoever pays maintenance holds licences, also where their purchase is older than the invoices.
joined as (
    select
        customer_months.*,
        coalesce(bought.perpetual_count, 0) + coalesce(recurring.perpetual_count, 0) + coalesce(recurring.maintenance_count, 0) > 0
            as is_perpetual,
        coalesce(recurring.subscription_count, 0) > 0 as is_subscription,
        {%- for line in recurring_lines %}
        coalesce(recurring.{{ line }}_count, 0) > 0 as has_{{ line }},
        {%- endfor %}
        {%- for line in bought_lines %}
        coalesce(bought.{{ line }}_count, 0) > 0 as has_{{ line }},
        {%- endfor %}
        case when running.customer_id is not null then running.outdated_count = 0 end as is_version_current
    from customer_months
    left join bought on customer_months.customer_id = bought.customer_id and customer_months.month_end = bought.month_end
    left join recurring on customer_months.customer_id = recurring.customer_id and customer_months.month_end = recurring.month_end
    left join running on customer_months.customer_id = running.customer_id and customer_months.month_end = running.month_end
),

final as (
    select
        customer_id,
        month_end,
        cast(month_number as integer) as month_number,
        tenure_band,
        case
            when is_perpetual and is_subscription then 'both'
            when is_perpetual then 'perpetual'
            when is_subscription then 'subscription'
            else 'unknown'
        end as licence_model,
        cast(
            {%- for line in recurring_lines + bought_lines %}
            {{ 'or ' if not loop.first }}has_{{ line }}
            {%- endfor %} as boolean
        ) as has_service,
        {%- for line in recurring_lines + bought_lines %}
        cast(has_{{ line }} as boolean) as has_{{ line }},
        {%- endfor %}
        cast(is_version_current as boolean) as is_version_current,
        is_provisional
    from joined
)

select * from final
