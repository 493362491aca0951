-- grain: one customer, active user and month-end at which the user has learnt or was given anything that counts
-- noqa: disable=LT02
with user_months as (
    select * from {{ ref('int_user_months') }} where product_family = 'all'
),

spans as (
    select * from {{ ref('int_proficiency_spans') }}
),

{% set kinds = [
    'trained_self_paced', 'trained_live_coaching', 'trained_ilt_in_person', 'trained_ilt_virtual', 'certified', 'path', 'rewarded', 'access',
    'good_any', 'good_technical', 'poor_technical', 'good_business', 'poor_business',
] -%}
flagged as (
    select
        user_months.customer_id,
        user_months.user_key,
        user_months.month_end,
        {%- for kind in kinds %}
        max(case when spans.span_kind = '{{ kind }}' then 1 else 0 end) = 1 as is_{{ kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from user_months
    inner join spans
        on
            user_months.user_key = spans.user_key
            and spans.from_date <= user_months.month_end
            and (spans.until_date is null or spans.until_date > user_months.month_end)
    group by user_months.customer_id, user_months.user_key, user_months.month_end
),

final as (
    select
        *,
        is_certified or is_good_any as is_proficient
    from flagged
)

select * from final
