-- grain: one won sale of a product family that was new to the customer, of one to which a paid service could be attached
with families as (
    select * from {{ ref('int_sale_families') }} where coalesce(is_eligible, true)
),

service_lines as (
    select * from {{ ref('int_service_sale_lines') }} where sale_key is not null
),

opportunities as (
    select * from {{ ref('int_opportunities') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

renewals as (
    select * from {{ ref('fct_contract_renewals') }} where contract_kind = 'service'
),

clock as (
    select * from {{ ref('int_as_of') }}
),

sales as (
    select
        sale_key,
        customer_id,
        close_date,
        min(case when is_eligible then 1 when not is_eligible then 0 end) as eligible_flag,
        case when count(product_annual_amount) = count(*) then sum(product_annual_amount) end as product_annual_amount,
        case
            when count(first_available_annual_amount) = count(*) then sum(first_available_annual_amount)
        end as available_annual_amount,
        count(*) as product_family_count
    from families
    group by sale_key, customer_id, close_date
),

attached as (
    select
        sale_key,
        {%- for line in service_lines() %}
        max(case when service_line = '{{ line }}' then 1 else 0 end) as {{ line }}_flag,
        {%- endfor %}
        case when count(annual_amount) = count(*) then sum(annual_amount) end as service_annual_amount,
        max(case when is_compulsory then 1 else 0 end) as compulsory_flag,
        max(case when has_product_discount then 1 else 0 end) as discount_flag
    from service_lines
    group by sale_key
),

-- The first term of the attached service that falls due: it begins with the sale, or soon after.
dues as (
    select
        service_lines.sale_key,
        renewals.due_date,
        renewals.month_end,
        renewals.month_number,
        renewals.is_renewed,
        renewals.is_open,
        row_number() over (
            partition by service_lines.sale_key order by renewals.due_date asc, renewals.renewal_key asc
        ) as due_number
    from service_lines
    inner join renewals
        on
            service_lines.customer_id = renewals.customer_id
            and service_lines.product_family = renewals.product_family
            and renewals.term_start_date >= {{ add_days('service_lines.close_date', -31) }}
            and renewals.term_start_date <= {{ add_days('service_lines.close_date', 92) }}
),

final as (
    select
        sales.sale_key,
        sales.customer_id,
        opportunities.account_key,
        opportunities.rep_id,
        sales.close_date,
        cast({{ add_days(
            add_months('cast(' ~ dbt.date_trunc('month', 'sales.close_date') ~ ' as date)', 1), -1
        ) }} as date) as month_end,
        cast(extract(year from sales.close_date) * 12 + extract(month from sales.close_date) - 1 as integer) as month_number,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(opportunities.region, accounts.region, 'unknown') as region,
        coalesce(opportunities.channel, accounts.channel, 'unknown') as channel,
        -- Whoever buys for the first time has no tenure yet.
        coalesce(customer_months.tenure_band, '<1') as tenure_band,
        cast(sales.product_family_count as integer) as product_family_count,
        cast(sales.eligible_flag = 1 as boolean) as is_eligible,
        cast({{ add_days('sales.close_date', var('attach_window_days')) }} <= clock.as_of_date as boolean) as is_mature,
        cast(attached.sale_key is not null as boolean) as is_attached,
        {%- for line in service_lines() %}
        cast(coalesce(attached.{{ line }}_flag, 0) = 1 as boolean) as is_{{ line }}_attached,
        {%- endfor %}
        cast(sales.product_annual_amount as decimal(18, 6)) as product_annual_amount,
        cast(case when attached.sale_key is null then 0 else attached.service_annual_amount end as decimal(18, 6))
            as service_annual_amount,
        cast(sales.available_annual_amount as decimal(18, 6)) as available_annual_amount,
        cast(coalesce(attached.compulsory_flag, 0) = 1 as boolean) as is_compulsory,
        cast(coalesce(attached.discount_flag, 0) = 1 as boolean) as has_product_discount,
        dues.due_date as first_due_date,
        dues.month_end as first_due_month_end,
        dues.month_number as first_due_month_number,
        cast(case when dues.due_date is not null and not dues.is_open then dues.is_renewed end as boolean) as is_first_renewed
    from sales
    cross join clock
    inner join opportunities on sales.sale_key = opportunities.opportunity_key
    left join accounts on opportunities.account_key = accounts.account_key
    left join customers on sales.customer_id = customers.customer_id
    left join customer_months
        on
            sales.customer_id = customer_months.customer_id
            and customer_months.month_end
            = {{ add_days('cast(' ~ dbt.date_trunc('month', 'sales.close_date') ~ ' as date)', -1) }}
    left join attached on sales.sale_key = attached.sale_key
    left join dues on sales.sale_key = dues.sale_key and dues.due_number = 1
)

select * from final
