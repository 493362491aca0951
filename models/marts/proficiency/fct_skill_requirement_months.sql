-- grain: one skill that a role needs to work with a product, and month-end
with requirements as (
    select * from {{ ref('int_skill_requirements') }}
),

months as (
    select * from {{ ref('int_months') }}
),

required as (
    select
        requirements.requirement_key,
        months.month_end,
        concat(requirements.product, '|', requirements.role) as product_role,
        requirements.skill,
        requirements.skill_type,
        coalesce(
            requirements.resource_from_date <= months.month_end
            and (requirements.resource_until_date is null or requirements.resource_until_date > months.month_end),
            false
        ) as has_resource,
        coalesce(requirements.standard_from_date <= months.month_end, false) as has_standard,
        months.is_provisional
    from requirements
    inner join months on requirements.required_from_date <= months.month_end
),

-- A role's standard is whole where that of every skill it needs is defined; the first of its rows stands for it.
final as (
    select
        requirement_key,
        month_end,
        product_role,
        skill,
        skill_type,
        cast(has_resource as boolean) as has_resource,
        cast(has_standard as boolean) as has_standard,
        cast(
            min(case when has_standard then 1 else 0 end) over (partition by month_end, product_role) = 1 as boolean
        ) as has_role_standard,
        cast(
            row_number() over (partition by month_end, product_role order by requirement_key asc) = 1 as boolean
        ) as is_first_of_role,
        is_provisional
    from required
)

select * from final
