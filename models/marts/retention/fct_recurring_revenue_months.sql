-- grain: one customer, product, currency and month-end with recurring revenue
with segments as (
    select * from {{ ref('int_recurring_segments') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select
        segments.customer_id,
        segments.product_family,
        coalesce(segments.product_key, 'unknown') as product_key,
        segments.currency,
        months.month_end,
        months.month_number,
        months.snapshot_date,
        cast(sum(segments.mrr_original_amount) as decimal(18, 6)) as mrr_original_amount,
        -- Amounts without an exchange rate are unknown: they are counted, and the customer leaves all ratios.
        cast(coalesce(sum(segments.mrr_amount), 0) as decimal(18, 6)) as mrr_amount,
        cast(coalesce(sum(case when segments.is_bridged then segments.mrr_amount else 0 end), 0) as decimal(18, 6)) as bridged_mrr_amount,
        cast(coalesce(sum(case when segments.is_pending then segments.mrr_amount else 0 end), 0) as decimal(18, 6)) as pending_mrr_amount,
        cast(case when count(segments.quantity) = count(*) then sum(segments.quantity) end as decimal(18, 6)) as quantity,
        max(segments.tier_rank) as tier_rank,
        max(segments.escalator_rate) as escalator_rate,
        cast(count(*) as integer) as line_count,
        cast(count(case when segments.mrr_amount is null then 1 end) as integer) as unconverted_line_count,
        months.is_provisional
    from segments
    inner join months
        on
            segments.start_date <= months.snapshot_date
            and (segments.end_date is null or months.snapshot_date < segments.end_date)
    where segments.mrr_original_amount <> 0
    group by
        segments.customer_id,
        segments.product_family,
        coalesce(segments.product_key, 'unknown'),
        segments.currency,
        months.month_end,
        months.month_number,
        months.snapshot_date,
        months.is_provisional
)

select * from final
