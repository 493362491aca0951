-- grain: one customer and period at whose opening it was active, or at whose end it held services
with openings as (
    select * from {{ ref('fct_service_months') }}
),

closings as (
    select * from {{ ref('fct_service_months') }} where has_service_contract
),

-- Of customers that still are there, whether or not they hold services.
stayers as (
    select customer_id, month_number, service_level_rank, is_amount_known from {{ ref('fct_service_months') }}
),

retention as (
    select * from {{ ref('fct_retention') }}
),

success_months as (
    select * from {{ ref('fct_success_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

opened as (
    select
        periods.period_grain,
        periods.period_end,
        periods.opening_month_number,
        periods.closing_month_number,
        periods.is_provisional,
        openings.customer_id
    from openings
    inner join periods on openings.month_number = periods.opening_month_number

    union

    select
        periods.period_grain,
        periods.period_end,
        periods.opening_month_number,
        periods.closing_month_number,
        periods.is_provisional,
        closings.customer_id
    from closings
    inner join periods on closings.month_number = periods.closing_month_number
),

joined as (
    select
        opened.*,
        openings.tenure_band as opening_tenure_band,
        closings.tenure_band as closing_tenure_band,
        coalesce(openings.is_subscriber, false) as is_subscriber_at_opening,
        coalesce(openings.has_service_contract, false) as has_service_at_opening,
        coalesce(openings.service_level_rank, 0) as opening_level_rank,
        coalesce(stayers.service_level_rank, 0) as closing_level_rank,
        openings.customer_id is not null as is_active_at_opening,
        stayers.customer_id is not null as is_active_at_closing,
        case when openings.customer_id is null then 0 else openings.service_arr_amount end as opening_service_amount,
        case when closings.customer_id is null then 0 else closings.service_arr_amount end as closing_service_amount,
        coalesce(openings.is_amount_known, true)
        and coalesce(closings.is_amount_known, stayers.is_amount_known, true) as is_service_amount_known,
        closings.first_service_month_number
    from opened
    left join openings
        on opened.customer_id = openings.customer_id and opened.opening_month_number = openings.month_number
    left join closings
        on opened.customer_id = closings.customer_id and opened.closing_month_number = closings.month_number
    left join stayers
        on opened.customer_id = stayers.customer_id and opened.closing_month_number = stayers.month_number
),

moved as (
    select
        *,
        case
            when not is_service_amount_known then 'unknown'
            when opening_service_amount = 0 and closing_service_amount > 0
                then case when first_service_month_number > opening_month_number then 'attached' else 'reinstated' end
            when opening_service_amount > 0 and closing_service_amount = 0 then 'lost'
            when closing_service_amount > opening_service_amount then 'expanded'
            when closing_service_amount < opening_service_amount then 'contracted'
            else 'unchanged'
        end as movement
    from joined
),

final as (
    select
        moved.customer_id,
        moved.period_grain,
        moved.period_end,
        coalesce(moved.opening_tenure_band, moved.closing_tenure_band, 'unknown') as tenure_band,
        cast(moved.is_active_at_opening as boolean) as is_active_at_opening,
        cast(moved.is_active_at_closing as boolean) as is_active_at_closing,
        cast(moved.is_subscriber_at_opening as boolean) as is_subscriber_at_opening,
        case when moved.has_service_at_opening then 'with_services' else 'without_services' end as service_attach,
        cast(moved.opening_level_rank as integer) as opening_level_rank,
        cast(moved.closing_level_rank as integer) as closing_level_rank,
        cast(moved.opening_service_amount as decimal(18, 6)) as opening_service_amount,
        cast(moved.closing_service_amount as decimal(18, 6)) as closing_service_amount,
        cast(moved.is_service_amount_known as boolean) as is_service_amount_known,
        moved.movement,
        {%- for movement, sign in service_movements().items() %}
        cast(
            case when moved.movement = '{{ movement }}' then abs(moved.closing_service_amount - moved.opening_service_amount) else 0 end
            as decimal(18, 6)
        ) as {{ movement }}_amount,
        {%- endfor %}
        retention.opening_mrr_amount,
        retention.closing_mrr_amount,
        retention.retained_mrr_amount,
        cast(greatest(retention.closing_mrr_amount - retention.opening_mrr_amount, 0) as decimal(18, 6)) as expanded_mrr_amount,
        cast(coalesce(retention.is_amount_known, false) as boolean) as is_amount_known,
        success_months.realization_numerator as closing_realization_numerator,
        success_months.realization_denominator as closing_realization_denominator,
        cast(moved.is_provisional as boolean) as is_provisional
    from moved
    left join retention
        on
            moved.customer_id = retention.customer_id
            and moved.period_grain = retention.period_grain
            and moved.period_end = retention.period_end
    left join success_months
        on moved.customer_id = success_months.customer_id and moved.period_end = success_months.month_end
)

select * from final
