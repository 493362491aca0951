-- grain: one window metric, period, dimension and member
-- noqa: disable=LT02,PRS
{%- set measures = window_measures() %}
with {{ subjects_with_customers('fct_retention') }},

-- The same columns with customer × product family as the subject; families share customers, so they need not add up.
families as (
    select
        period_grain,
        period_end,
        is_provisional,
        product_family,
        movement,
        opening_mrr_amount > 0 as is_active_at_opening,
        closing_mrr_amount > 0 as is_active_at_closing,
        is_amount_known,
        opening_mrr_amount,
        closing_mrr_amount,
        kept_mrr_amount,
        case
            when opening_mrr_amount > 0
                then closing_mrr_amount
                    {%- if var('nrr_exclude_contracted_uplift') %} - uplift_amount{% endif %}
                    {%- if not var('price_increase_is_expansion') %} - greatest(price_amount, 0){% endif %}
            {%- if var('nrr_include_reactivation') %}
            when movement = 'reactivation' then closing_mrr_amount
            {%- endif %}
            else 0
        end as retained_mrr_amount,
        bridge_opening_amount,
        bridge_closing_amount,
        {%- for movement, sign in (('new', ''), ('reactivation', ''), ('expansion', ''), ('contraction', '-'), ('churn', '-')) %}
        case when movement = '{{ movement }}' then {{ sign }}change_amount else 0 end as {{ movement }}_mrr_amount,
        {%- endfor %}
        fx_impact_amount as fx_impact_mrr_amount,
        {%- for driver in ('seat', 'price', 'tier', 'uplift', 'cross_sell', 'family_loss') %}
        {{ driver }}_amount as {{ driver }}_mrr_amount,
        {%- endfor %}
        0 as revenue_amount,
        0 as prior_revenue_amount
    from {{ ref('fct_retention_by_product_family') }}
),

-- Millions of windows once, then few sums for every dimension.
{{ sums_by_member(
    'subjects', ['period_grain', 'period_end', 'is_provisional'], ['segment', 'region', 'channel', 'tenure_band'], measures
) }},

family_sums as (
    select
        period_grain,
        period_end,
        is_provisional,
        'product_family' as dimension,
        product_family as member,
        {{ sum_measures(measures) }}
    from families
    group by period_grain, period_end, is_provisional, product_family
),

period_sums as (
    select * from member_sums
    union all
    select * from family_sums
),

{{ ratios_of_sums('period_sums', measures) }}

select * from final
