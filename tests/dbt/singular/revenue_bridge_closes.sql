-- Opening + new + reactivation + expansion − contraction − churn + currency = closing, for every customer and period.
select *
from {{ ref('fct_retention') }}
where
    bridge_opening_amount + new_mrr_amount + reactivation_mrr_amount + expansion_mrr_amount
    - contraction_mrr_amount - churn_mrr_amount + fx_impact_mrr_amount <> bridge_closing_amount
