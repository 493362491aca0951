-- Kept ≤ opening, and kept ≤ closing, for every customer: so GRR ≤ min(1, NRR) in every roll-up.
select *
from {{ ref('fct_retention') }}
where kept_mrr_amount > opening_mrr_amount or kept_mrr_amount > closing_mrr_amount
