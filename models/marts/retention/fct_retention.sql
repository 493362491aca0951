-- grain: one customer and period in which the customer was active, paid, or had recurring revenue at either end
-- noqa: disable=LT02
with closing_balances as (
    select * from {{ ref('fct_customer_months') }}
),

opening_balances as (
    select * from {{ ref('fct_customer_months') }}
),

families as (
    select * from {{ ref('fct_retention_by_product_family') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

-- A fiscal year is the trailing twelve months at its end: one window, two periods.
windows as (
    select distinct closing_month_number, opening_month_number, window_months from periods
),

history as (
    select min(month_number) as first_month_number from {{ ref('int_months') }}
),

-- Each balance of a customer that was active, paid or had recurring revenue closes one window of a length and opens another;
-- both ends are laid side by side.
closings as (
    select closing_balances.*, windows.window_months, windows.closing_month_number
    from closing_balances
    inner join windows on closing_balances.month_number = windows.closing_month_number
    where
        closing_balances.mrr_amount > 0
        or closing_balances.is_active
        or (windows.window_months = 12 and coalesce(closing_balances.revenue_t12m_amount, 1) <> 0)
),

openings as (
    select
        opening_balances.*,
        windows.window_months,
        windows.closing_month_number,
        case windows.window_months
            when 1 then opening_balances.bridge_amount_1
            when 3 then opening_balances.bridge_amount_3
            else opening_balances.bridge_amount_12
        end as revalued_amount,
        -- Revenue of the year before the window; a year without any is 0, one with an unknown amount is null.
        case
            when
                windows.window_months = 12
                {%- if var('history_start_month') %}
                -- That year must lie in the history, too.
                and windows.opening_month_number - 12 >= history.first_month_number
                {%- endif %}
                then opening_balances.revenue_t12m_amount
            else 0
        end as prior_revenue_amount
    from opening_balances
    inner join windows on opening_balances.month_number = windows.opening_month_number
    cross join history
    where
        opening_balances.mrr_amount > 0
        or opening_balances.is_active
        or (windows.window_months = 12 and coalesce(opening_balances.revenue_t12m_amount, 1) <> 0)
),

sides as (
    select
        coalesce(closings.customer_id, openings.customer_id) as customer_id,
        coalesce(closings.window_months, openings.window_months) as window_months,
        coalesce(closings.closing_month_number, openings.closing_month_number) as closing_month_number,
        coalesce(openings.mrr_amount, 0) as opening_mrr_amount,
        coalesce(closings.mrr_amount, 0) as closing_mrr_amount,
        coalesce(openings.bridge_amount_0, 0) as opening_bridge_amount,
        coalesce(openings.revalued_amount, 0) as revalued_opening_amount,
        coalesce(closings.bridge_amount_0, 0) as closing_bridge_amount,
        coalesce(openings.is_active, false) as is_active_at_opening,
        coalesce(closings.is_active, false) as is_active_at_closing,
        -- As reported, the opening must also be known at the rates of the closing.
        coalesce(closings.is_amount_known, true)
        and (openings.customer_id is null or (openings.is_amount_known and openings.revalued_amount is not null)) as is_amount_known,
        closings.first_mrr_month_number,
        coalesce(openings.tenure_band, closings.tenure_band) as tenure_band,
        case when openings.customer_id is null then 0 else openings.prior_revenue_amount end as prior_revenue_amount,
        case when closings.window_months = 12 then closings.revenue_t12m_amount else 0 end as revenue_amount
    from closings
    full outer join openings
        on
            closings.customer_id = openings.customer_id
            and closings.closing_month_number = openings.closing_month_number
            and closings.window_months = openings.window_months
),

paired as (
    select
        sides.*,
        periods.period_grain,
        periods.period_end,
        periods.opening_month_number,
        periods.is_provisional
    from sides
    inner join periods
        on sides.window_months = periods.window_months and sides.closing_month_number = periods.closing_month_number
),

drivers as (
    select
        customer_id,
        period_grain,
        period_end,
        sum(kept_mrr_amount) as kept_by_family_amount,
        sum(seat_amount) as seat_amount,
        sum(tier_amount) as tier_amount,
        sum(uplift_amount) as uplift_amount,
        sum(price_amount) as price_amount,
        sum(case when price_amount > 0 then price_amount else 0 end) as price_increase_amount,
        sum(cross_sell_amount) as cross_sell_amount,
        sum(family_loss_amount) as family_loss_amount
    from families
    {%- if var('grr_grain') != 'customer_product' %}
    -- In most windows nothing moved: what is not there is 0.
    where
        seat_amount <> 0
        or tier_amount <> 0
        or uplift_amount <> 0
        or price_amount <> 0
        or cross_sell_amount <> 0
        or family_loss_amount <> 0
    {%- endif %}
    group by customer_id, period_grain, period_end
),

classified as (
    select
        paired.*,
        drivers.kept_by_family_amount,
        drivers.seat_amount,
        drivers.tier_amount,
        drivers.uplift_amount,
        drivers.price_amount,
        drivers.price_increase_amount,
        drivers.cross_sell_amount,
        drivers.family_loss_amount,
        paired.closing_bridge_amount - paired.revalued_opening_amount as change_amount,
        case
            when paired.opening_mrr_amount > 0 and paired.closing_mrr_amount > 0
                then case
                    when paired.closing_bridge_amount > paired.revalued_opening_amount then 'expansion'
                    when paired.closing_bridge_amount < paired.revalued_opening_amount then 'contraction'
                    else 'unchanged'
                end
            when paired.opening_mrr_amount > 0 then 'churn'
            when paired.closing_mrr_amount > 0 and paired.first_mrr_month_number > paired.opening_month_number then 'new'
            when paired.closing_mrr_amount > 0 then 'reactivation'
            else 'none'
        end as movement
    from paired
    left join drivers
        on
            paired.customer_id = drivers.customer_id
            and paired.period_grain = drivers.period_grain
            and paired.period_end = drivers.period_end
),

final as (
    select
        customer_id,
        period_grain,
        period_end,
        movement,
        cast(is_active_at_opening as boolean) as is_active_at_opening,
        cast(is_active_at_closing as boolean) as is_active_at_closing,
        cast(is_amount_known as boolean) as is_amount_known,
        tenure_band,
        cast(opening_mrr_amount as decimal(18, 6)) as opening_mrr_amount,
        cast(closing_mrr_amount as decimal(18, 6)) as closing_mrr_amount,
        cast(
            {% if var('grr_grain') == 'customer_product' %}coalesce(kept_by_family_amount, 0){% else %}least(opening_mrr_amount, closing_mrr_amount){% endif %}
            as decimal(18, 6)
        ) as kept_mrr_amount,
        -- What the opening cohort is worth at the end, after the policy on uplifts and price increases.
        cast(
            case
                when opening_mrr_amount > 0
                    then closing_mrr_amount
                        {%- if var('nrr_exclude_contracted_uplift') %} - case when closing_mrr_amount > 0 then coalesce(uplift_amount, 0) else 0 end{% endif %}
                        {%- if not var('price_increase_is_expansion') %} - case when closing_mrr_amount > 0 then coalesce(price_increase_amount, 0) else 0 end{% endif %}
                {%- if var('nrr_include_reactivation') %}
                when movement = 'reactivation' then closing_mrr_amount
                {%- endif %}
                else 0
            end as decimal(18, 6)
        ) as retained_mrr_amount,
        cast(opening_bridge_amount as decimal(18, 6)) as bridge_opening_amount,
        cast(case when movement = 'new' then change_amount else 0 end as decimal(18, 6)) as new_mrr_amount,
        cast(case when movement = 'reactivation' then change_amount else 0 end as decimal(18, 6)) as reactivation_mrr_amount,
        cast(case when movement = 'expansion' then change_amount else 0 end as decimal(18, 6)) as expansion_mrr_amount,
        cast(case when movement = 'contraction' then -change_amount else 0 end as decimal(18, 6)) as contraction_mrr_amount,
        cast(case when movement = 'churn' then -change_amount else 0 end as decimal(18, 6)) as churn_mrr_amount,
        cast(revalued_opening_amount - opening_bridge_amount as decimal(18, 6)) as fx_impact_mrr_amount,
        cast(closing_bridge_amount as decimal(18, 6)) as bridge_closing_amount,
        {%- for driver in ('seat', 'price', 'tier', 'uplift', 'cross_sell', 'family_loss') %}
        cast(
            case when opening_mrr_amount > 0 and closing_mrr_amount > 0 then coalesce({{ driver }}_amount, 0) else 0 end as decimal(18, 6)
        ) as {{ driver }}_mrr_amount,
        {%- endfor %}
        cast(prior_revenue_amount as decimal(18, 6)) as prior_revenue_amount,
        cast(revenue_amount as decimal(18, 6)) as revenue_amount,
        is_provisional
    from classified
)

select * from final
