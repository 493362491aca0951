-- grain: one customer and month-end, from the month of first revenue to as_of_date
with families as (
    select * from {{ ref('fct_product_family_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

revenue_months as (
    select * from {{ ref('int_revenue_months') }}
),

segments as (
    select * from {{ ref('int_recurring_segments') }}
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

usage_days as (
    select * from {{ ref('int_usage_account_days') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

recurring as (
    select
        customer_id,
        month_end,
        cast(sum(mrr_amount) as decimal(18, 6)) as mrr_amount,
        cast(sum(bridged_mrr_amount) as decimal(18, 6)) as bridged_mrr_amount,
        cast(sum(pending_mrr_amount) as decimal(18, 6)) as pending_mrr_amount,
        cast(case when count(bridge_amount_0) = count(*) then sum(bridge_amount_0) end as decimal(18, 6)) as bridge_amount_0,
        cast(case when count(bridge_amount_1) = count(*) then sum(bridge_amount_1) end as decimal(18, 6)) as bridge_amount_1,
        cast(case when count(bridge_amount_3) = count(*) then sum(bridge_amount_3) end as decimal(18, 6)) as bridge_amount_3,
        cast(case when count(bridge_amount_12) = count(*) then sum(bridge_amount_12) end as decimal(18, 6)) as bridge_amount_12,
        cast(count(case when mrr_amount > 0 then 1 end) as integer) as product_family_count,
        min(case when is_amount_known then 1 else 0 end) as known_flag
    from families
    group by customer_id, month_end
),

first_recurring as (
    select segments.customer_id, min(segments.start_date) as first_mrr_date
    from segments
    cross join clock
    where segments.mrr_original_amount > 0 and segments.start_date <= clock.as_of_date
    group by segments.customer_id
),

first_paid as (
    select customer_id, min(first_paid_date) as first_paid_date, min(first_perpetual_date) as first_perpetual_invoice_date
    from revenue_months
    group by customer_id
),

perpetual_lines as (
    select identity.customer_id, min(contract_lines.start_date) as first_perpetual_line_date
    from contract_lines
    inner join identity on contract_lines.account_key = identity.account_key
    where contract_lines.licence_model = 'perpetual' and coalesce(contract_lines.exclusion_reason, 'one_time') = 'one_time'
    group by identity.customer_id
),

starts as (
    select
        coalesce(first_recurring.customer_id, first_paid.customer_id) as customer_id,
        first_recurring.first_mrr_date,
        {{ earliest_of(['first_recurring.first_mrr_date', 'first_paid.first_paid_date']) }} as first_revenue_date,
        {{ earliest_of(['first_paid.first_perpetual_invoice_date', 'perpetual_lines.first_perpetual_line_date']) }} as first_perpetual_date
    from first_recurring
    full outer join first_paid on first_recurring.customer_id = first_paid.customer_id
    left join perpetual_lines on coalesce(first_recurring.customer_id, first_paid.customer_id) = perpetual_lines.customer_id
),

-- The trailing 28 days that end on a month's snapshot day; a usage day lies in at most two of them.
recent_usage as (
    select identity.customer_id, months.month_end, max(usage_days.usage_date) as last_usage_date
    from usage_days
    inner join identity on usage_days.account_key = identity.account_key
    inner join months
        on usage_days.usage_date <= months.snapshot_date and usage_days.usage_date > {{ add_days('months.snapshot_date', -28) }}
    group by identity.customer_id, months.month_end
),

spine as (
    select
        starts.customer_id,
        starts.first_mrr_date,
        starts.first_revenue_date,
        starts.first_perpetual_date,
        months.month_start,
        months.month_end,
        months.month_number,
        months.snapshot_date,
        months.is_provisional
    from starts
    inner join months on starts.first_revenue_date <= months.snapshot_date
    where starts.first_revenue_date is not null
),

{% if var('history_start_month') %}
history as (
    select min(month_number) as first_month_number, min(month_start) as first_month_start from months
),

-- A licence bought before the history starts keeps its owner active for its months.
earlier_purchases as (
    select revenue_months.customer_id, max(revenue_months.last_non_recurring_date) as last_non_recurring_date
    from revenue_months
    inner join history on revenue_months.month_start < history.first_month_start
    group by revenue_months.customer_id
),

{% endif %}
joined as (
    select
        spine.customer_id,
        spine.month_end,
        spine.month_number,
        spine.snapshot_date,
        spine.is_provisional,
        spine.first_revenue_date,
        spine.first_mrr_date,
        spine.first_perpetual_date,
        coalesce(recurring.mrr_amount, 0) as mrr_amount,
        coalesce(recurring.bridged_mrr_amount, 0) as bridged_mrr_amount,
        coalesce(recurring.pending_mrr_amount, 0) as pending_mrr_amount,
        case when recurring.customer_id is null then 0 else recurring.bridge_amount_0 end as bridge_amount_0,
        case when recurring.customer_id is null then 0 else recurring.bridge_amount_1 end as bridge_amount_1,
        case when recurring.customer_id is null then 0 else recurring.bridge_amount_3 end as bridge_amount_3,
        case when recurring.customer_id is null then 0 else recurring.bridge_amount_12 end as bridge_amount_12,
        coalesce(recurring.product_family_count, 0) as product_family_count,
        coalesce(recurring.known_flag, 1) = 1 as is_amount_known,
        -- Amounts without an exchange rate are unknown, and so is what they are part of.
        case when revenue_months.customer_id is null then 0 else revenue_months.revenue_amount end as revenue_amount,
        sum(coalesce(revenue_months.revenue_amount, 0)) over trailing_year as revenue_t12m_amount,
        sum(coalesce(revenue_months.non_recurring_revenue_amount, 0)) over trailing_year as non_recurring_revenue_t12m_amount,
        sum(case when revenue_months.customer_id is not null and revenue_months.revenue_amount is null then 1 else 0 end)
            over trailing_year as unknown_revenue_count,
        sum(case when revenue_months.customer_id is not null and revenue_months.non_recurring_revenue_amount is null then 1 else 0 end)
            over trailing_year as unknown_non_recurring_count,
        {%- if var('history_start_month') %}
        -- Twelve months that reach back before the history are no twelve months.
        spine.month_number - 11 >= history.first_month_number as is_year_in_history,
        {%- else %}
        true as is_year_in_history,
        {%- endif %}
        max(
            {%- if var('history_start_month') %}
            {{ later_of('revenue_months.last_non_recurring_date', 'earlier_purchases.last_non_recurring_date') }}
            {%- else %}
            revenue_months.last_non_recurring_date
            {%- endif %}
        ) over (
            partition by spine.customer_id order by spine.month_number asc rows between unbounded preceding and current row
        ) as last_non_recurring_date,
        min(case when recurring.mrr_amount > 0 or recurring.known_flag = 0 then spine.month_number end) over (
            partition by spine.customer_id order by spine.month_number asc rows between unbounded preceding and current row
        ) as first_mrr_month_number,
        recent_usage.last_usage_date
    from spine
    left join recurring on spine.customer_id = recurring.customer_id and spine.month_end = recurring.month_end
    left join revenue_months on spine.customer_id = revenue_months.customer_id and spine.month_start = revenue_months.month_start
    left join recent_usage on spine.customer_id = recent_usage.customer_id and spine.month_end = recent_usage.month_end
    {%- if var('history_start_month') %}
    cross join history
    left join earlier_purchases on spine.customer_id = earlier_purchases.customer_id
    {%- endif %}
    window trailing_year as (
        partition by spine.customer_id order by spine.month_number asc rows between 11 preceding and current row
    )
),

judged as (
    select
        *,
        case
            when mrr_amount > 0 or not is_amount_known then 'active_recurring'
            -- An onboarding fee must not keep a churned subscriber: only owners of a perpetual licence, or customers
            -- who never had recurring revenue, are active by buying now and then.
            when
                last_non_recurring_date >= {{ add_months(add_days('snapshot_date', 1), -var('perpetual_activity_window_months')) }}
                and (first_perpetual_date <= snapshot_date or first_mrr_date is null or first_mrr_date > snapshot_date)
                then 'active_transactional'
            when last_usage_date is not null then 'dormant_user'
            else 'lost'
        end as relationship_status,
        {{ dbt.datediff('first_revenue_date', 'snapshot_date', 'month') }} as tenure_months  -- noqa: LT05
    from joined
),

final as (
    select
        customer_id,
        month_end,
        month_number,
        snapshot_date,
        cast(mrr_amount as decimal(18, 6)) as mrr_amount,
        cast(12 * mrr_amount as decimal(18, 6)) as arr_amount,
        cast(bridged_mrr_amount as decimal(18, 6)) as bridged_mrr_amount,
        cast(pending_mrr_amount as decimal(18, 6)) as pending_mrr_amount,
        cast(bridge_amount_0 as decimal(18, 6)) as bridge_amount_0,
        cast(bridge_amount_1 as decimal(18, 6)) as bridge_amount_1,
        cast(bridge_amount_3 as decimal(18, 6)) as bridge_amount_3,
        cast(bridge_amount_12 as decimal(18, 6)) as bridge_amount_12,
        cast(product_family_count as integer) as product_family_count,
        cast(is_amount_known as boolean) as is_amount_known,
        relationship_status,
        cast(relationship_status in ('active_recurring', 'active_transactional') as boolean) as is_active,
        first_revenue_date,
        cast(first_mrr_month_number as integer) as first_mrr_month_number,
        cast(tenure_months as integer) as tenure_months,
        case
            when tenure_months < 12 then '<1'
            when tenure_months < 24 then '1–2'
            when tenure_months < 36 then '2–3'
            when tenure_months < 60 then '3–5'
            else '5+'
        end as tenure_band,
        cast(revenue_amount as decimal(18, 6)) as revenue_amount,
        cast(case when unknown_revenue_count = 0 then revenue_t12m_amount end as decimal(18, 6)) as revenue_t12m_amount,
        cast(
            case when unknown_non_recurring_count = 0 and is_year_in_history then non_recurring_revenue_t12m_amount end as decimal(18, 6)
        ) as non_recurring_revenue_t12m_amount,
        is_provisional
    from judged
)

select * from final
