-- grain: one month in which teaching or self-help cost anything
-- noqa: disable=LT02
with cost_months as (
    select * from {{ ref('int_service_cost_months') }} where service_line in ('education', 'knowledge_base')
),

summed as (
    select
        month_end,
        month_number,
        is_provisional,
        {%- for name, line in (('education', 'education'), ('self_help', 'knowledge_base')) %}
        sum(case when service_line = '{{ line }}' then cost_amount else 0 end) as {{ name }}_cost_amount,
        max(
            case when service_line = '{{ line }}' and cost_amount is null then 1 else 0 end
        ) as {{ name }}_unknown_flag{{ ',' if not loop.last }}
        {%- endfor %}
    from cost_months
    group by month_end, month_number, is_provisional
),

-- One amount that cannot be converted makes the sum unknown.
final as (
    select
        month_end,
        month_number,
        cast(case when education_unknown_flag = 0 then education_cost_amount end as decimal(18, 6)) as education_cost_amount,
        cast(case when self_help_unknown_flag = 0 then self_help_cost_amount end as decimal(18, 6)) as self_help_cost_amount,
        is_provisional
    from summed
)

select * from final
