-- grain: one customer, product family and period in which the customer had recurring revenue of the family at either end
with closing_families as (
    select * from {{ ref('fct_product_family_months') }}
),

opening_families as (
    select * from {{ ref('fct_product_family_months') }}
),

first_months as (
    select customer_id, product_family, min(month_number) as first_month_number
    from {{ ref('fct_product_family_months') }}
    where mrr_amount > 0
    group by customer_id, product_family
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- A fiscal year is the trailing twelve months at its end: one window, two periods.
windows as (
    select distinct closing_month_number, opening_month_number, window_months from periods
),

-- Each balance closes one window of a length and opens another; both ends are laid side by side.
closings as (
    select closing_families.*, windows.window_months, windows.closing_month_number, first_months.first_month_number
    from closing_families
    left join first_months
        on closing_families.customer_id = first_months.customer_id and closing_families.product_family = first_months.product_family
    inner join windows on closing_families.month_number = windows.closing_month_number
),

openings as (
    select
        opening_families.*,
        windows.window_months,
        windows.closing_month_number,
        case windows.window_months
            when 1 then opening_families.bridge_amount_1
            when 3 then opening_families.bridge_amount_3
            else opening_families.bridge_amount_12
        end as revalued_amount
    from opening_families
    inner join windows on opening_families.month_number = windows.opening_month_number
),

sides as (
    select
        coalesce(closings.customer_id, openings.customer_id) as customer_id,
        coalesce(closings.product_family, openings.product_family) as product_family,
        coalesce(closings.window_months, openings.window_months) as window_months,
        coalesce(closings.closing_month_number, openings.closing_month_number) as closing_month_number,
        coalesce(openings.mrr_amount, 0) as opening_mrr_amount,
        coalesce(closings.mrr_amount, 0) as closing_mrr_amount,
        coalesce(openings.bridge_amount_0, 0) as opening_bridge_amount,
        coalesce(openings.revalued_amount, 0) as revalued_opening_amount,
        coalesce(closings.bridge_amount_0, 0) as closing_bridge_amount,
        openings.quantity as opening_quantity,
        closings.quantity as closing_quantity,
        -- As reported, the opening must also be known at the rates of the closing.
        coalesce(closings.is_amount_known, true)
        and (openings.customer_id is null or (openings.is_amount_known and openings.revalued_amount is not null)) as is_amount_known,
        openings.tier_rank as opening_tier_rank,
        closings.tier_rank as closing_tier_rank,
        openings.escalator_rate,
        closings.first_month_number
    from closings
    full outer join openings
        on
            closings.customer_id = openings.customer_id
            and closings.product_family = openings.product_family
            and closings.closing_month_number = openings.closing_month_number
            and closings.window_months = openings.window_months
),

-- seat = old price × change of quantity; what is left is price, tier or uplift.
seats as (
    select
        *,
        closing_bridge_amount - revalued_opening_amount as change_amount,
        case
            when
                opening_mrr_amount > 0 and closing_mrr_amount > 0 and opening_quantity > 0 and closing_quantity > 0
                and closing_quantity <> opening_quantity
                -- What does not fit is no effect of seats, nor of an uplift. Nineteen digits: the product is exact on every engine.
                then coalesce({{ round_amount(
                    'cast(revalued_opening_amount * cast(closing_quantity - opening_quantity as decimal(19, 6)) as double) / opening_quantity'
                ) }}, 0)
            else cast(0 as decimal(18, 6))
        end as seat_amount,
        case
            when opening_quantity > 0 and closing_quantity > 0 and escalator_rate <> 0
                then coalesce({{ round_amount(
                    'cast(revalued_opening_amount * cast(closing_quantity as decimal(19, 6)) as double) / opening_quantity * escalator_rate'
                ) }}, 0)
            else cast(0 as decimal(18, 6))
        end as uplift_limit_amount
    from sides
),

rests as (
    select
        *,
        case when opening_mrr_amount > 0 and closing_mrr_amount > 0 then change_amount - seat_amount else 0 end as rest_amount,
        opening_quantity > 0 and closing_quantity > 0 as is_quantity_known
    from seats
),

final as (
    select
        rests.customer_id,
        rests.product_family,
        periods.period_grain,
        periods.period_end,
        cast(rests.opening_mrr_amount as decimal(18, 6)) as opening_mrr_amount,
        cast(rests.closing_mrr_amount as decimal(18, 6)) as closing_mrr_amount,
        cast(least(rests.opening_mrr_amount, rests.closing_mrr_amount) as decimal(18, 6)) as kept_mrr_amount,
        case
            when rests.opening_mrr_amount > 0 and rests.closing_mrr_amount > 0
                then case
                    when rests.change_amount > 0 then 'expansion'
                    when rests.change_amount < 0 then 'contraction'
                    else 'unchanged'
                end
            when rests.opening_mrr_amount > 0 then 'churn'
            when rests.closing_mrr_amount > 0 and rests.first_month_number > periods.opening_month_number then 'new'
            when rests.closing_mrr_amount > 0 then 'reactivation'
            else 'none'
        end as movement,
        cast(rests.opening_bridge_amount as decimal(18, 6)) as bridge_opening_amount,
        cast(rests.closing_bridge_amount as decimal(18, 6)) as bridge_closing_amount,
        cast(rests.change_amount as decimal(18, 6)) as change_amount,
        cast(rests.revalued_opening_amount - rests.opening_bridge_amount as decimal(18, 6)) as fx_impact_amount,
        cast(rests.seat_amount as decimal(18, 6)) as seat_amount,
        cast(
            case when rests.is_quantity_known and rests.opening_tier_rank <> rests.closing_tier_rank then rests.rest_amount else 0 end
            as decimal(18, 6)
        ) as tier_amount,
        cast(
            case
                when
                    not coalesce(rests.is_quantity_known and rests.opening_tier_rank <> rests.closing_tier_rank, false)
                    and rests.rest_amount > 0
                    then least(rests.rest_amount, rests.uplift_limit_amount)
                else 0
            end as decimal(18, 6)
        ) as uplift_amount,
        cast(
            case
                when coalesce(rests.is_quantity_known and rests.opening_tier_rank <> rests.closing_tier_rank, false) then 0
                when rests.rest_amount > 0 then rests.rest_amount - least(rests.rest_amount, rests.uplift_limit_amount)
                else rests.rest_amount
            end as decimal(18, 6)
        ) as price_amount,
        cast(
            case when rests.opening_mrr_amount > 0 or rests.closing_mrr_amount = 0 then 0 else rests.change_amount end as decimal(18, 6)
        ) as cross_sell_amount,
        cast(
            case when rests.opening_mrr_amount > 0 and rests.closing_mrr_amount = 0 then rests.change_amount else 0 end as decimal(18, 6)
        ) as family_loss_amount,
        cast(rests.is_amount_known as boolean) as is_amount_known,
        periods.is_provisional
    from rests
    inner join periods
        on rests.window_months = periods.window_months and rests.closing_month_number = periods.closing_month_number
)

select * from final
