-- grain: one customer with a page: the services it holds, the service contract that falls due next, and what twelve months earned and cost
with shown as (

    select
        customer_id,
        month_end
    from marts.fct_customer_profiles
    where arr_rank <= coalesce(getvariable('customer_pages'), 1000)

),

renewals as (

    select
        shown.customer_id,
        renewals.due_date,
        renewals.available_amount
    from shown
    inner join marts.fct_contract_renewals as renewals
        on shown.customer_id = renewals.customer_id
    where
        renewals.contract_kind = 'service'
        and renewals.is_open
    qualify
        row_number() over (
            partition by shown.customer_id
            order by renewals.due_date asc, renewals.available_amount desc nulls last, renewals.renewal_key asc
        ) = 1

),

-- a sum of which a month is unknown is unknown
profits as (

    select
        shown.customer_id,
        case when count(*) = count(profits.revenue_amount) then sum(profits.revenue_amount) end as revenue_amount,
        case when count(*) = count(profits.service_cost_amount) then sum(profits.service_cost_amount) end as service_cost_amount,
        case
            when count(*) = count(profits.revenue_amount - profits.service_cost_amount)
                then sum(profits.revenue_amount - profits.service_cost_amount)
        end as margin_amount
    from shown
    inner join marts.fct_customer_profit_months as profits
        on
            shown.customer_id = profits.customer_id
            and profits.month_end <= shown.month_end
            and profits.month_end > last_day(shown.month_end - interval 12 month)
    group by shown.customer_id

),

final as (

    select
        shown.customer_id,
        services.has_service_contract,
        services.has_maintenance,
        services.has_support,
        services.has_success,
        services.service_arr_amount,
        renewals.due_date,
        renewals.available_amount,
        profits.revenue_amount,
        profits.service_cost_amount,
        profits.margin_amount
    from shown
    left join marts.fct_service_months as services
        on
            shown.customer_id = services.customer_id
            and shown.month_end = services.month_end
    left join renewals
        on shown.customer_id = renewals.customer_id
    left join profits
        on shown.customer_id = profits.customer_id

)

select * from final
order by customer_id
