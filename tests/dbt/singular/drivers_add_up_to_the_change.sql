-- Seat + price + tier + uplift + cross-sell + family loss = change, without residual, for every customer, family and period.
select *
from {{ ref('fct_retention_by_product_family') }}
where seat_amount + price_amount + tier_amount + uplift_amount + cross_sell_amount + family_loss_amount <> change_amount
