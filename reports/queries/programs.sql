-- grain: one service offer and kind of purchase, in the newest complete twelve months
select
    ranks.sale_kind,
    ranks.offer_id,
    coalesce(offers.offer_name, ranks.offer_id) as offer_name,
    ranks.period_grain,
    ranks.period_end,
    ranks.buyer_count,
    ranks.all_buyer_count,
    ranks.order_count,
    ranks.service_amount,
    ranks.purchase_rank
from marts.fct_program_ranks as ranks
left join marts.dim_service_offers as offers
    on ranks.offer_id = offers.offer_id
where ranks.period_grain = 't12m'
qualify rank() over (order by coalesce(ranks.is_provisional, false) asc, ranks.period_end desc) = 1
order by ranks.sale_kind, ranks.purchase_rank nulls last, ranks.buyer_count desc, ranks.offer_id
