-- grain: one share of buyers that bought an offer, kind of purchase, offer and period
with ranks as (
    select * from {{ ref('fct_program_ranks') }}
),

final as (
    select
        'program_purchase_rank' as metric_key,
        period_grain,
        period_end,
        case sale_kind when 'renewal' then 'renewed_offer' else 'offer' end as dimension,
        offer_id as member,
        cast(buyer_count as decimal(28, 6)) as numerator,
        cast(all_buyer_count as decimal(28, 6)) as denominator,
        cast(all_buyer_count as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        is_provisional
    from ranks
)

select * from final
