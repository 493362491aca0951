-- grain: one month-end and tenth of the customers by annual recurring revenue
with engagement_months as (
    select * from {{ ref('fct_engagement_months') }} where arr_decile is not null
),

deciles as (
    select
        month_end,
        arr_decile,
        is_provisional,
        count(*) as customer_count,
        count(engagement_count) as known_customer_count,
        coalesce(sum(engagement_count), 0) as engagement_count,
        coalesce(sum(case when engagement_count is not null then arr_amount end), 0) as arr_amount
    from engagement_months
    group by month_end, arr_decile, is_provisional
),

shares as (
    select
        *,
        sum(engagement_count) over (partition by month_end) as all_engagement_count,
        sum(arr_amount) over (partition by month_end) as all_arr_amount
    from deciles
),

final as (
    select
        month_end,
        cast(arr_decile as integer) as arr_decile,
        cast(customer_count as bigint) as customer_count,
        cast(known_customer_count as bigint) as known_customer_count,
        cast(engagement_count as bigint) as engagement_count,
        cast(arr_amount as decimal(28, 6)) as arr_amount,
        cast(round(cast(engagement_count as double) / nullif(all_engagement_count, 0), 6) as decimal(18, 6)) as engagement_share,
        cast(round(cast(arr_amount as double) / nullif(cast(all_arr_amount as double), 0), 6) as decimal(18, 6)) as arr_share,
        is_provisional
    from shares
)

select * from final
