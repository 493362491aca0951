-- grain: one feature metric, period, dimension and member
with feature_months as (
    select * from {{ ref('fct_feature_months') }}
),

periods as (
    select * from {{ ref('int_periods') }} where period_grain <> 't12m'
),

member_sums as (
    select
        month_end,
        is_provisional,
        case
            when grouping(feature_name) = 0 then 'feature'
            when grouping(product_family) = 0 then 'product_family'
            else 'all'
        end as dimension,
        coalesce(feature_name, product_family, 'all') as member,
        sum(using_customer_count) as numerator,
        sum(entitled_customer_count) as denominator,
        count(*) as subject_count
    from feature_months
    group by grouping sets (  -- noqa: PRS
        (month_end, is_provisional),
        (month_end, is_provisional, feature_name),
        (month_end, is_provisional, product_family)
    )
),

final as (
    select
        'feature_adoption_rate' as metric_key,
        periods.period_grain,
        periods.period_end,
        member_sums.dimension,
        member_sums.member,
        cast(member_sums.numerator as decimal(28, 6)) as numerator,
        cast(member_sums.denominator as decimal(28, 6)) as denominator,
        cast(member_sums.subject_count as bigint) as subject_count,
        cast(1 as decimal(18, 6)) as coverage,
        member_sums.is_provisional
    from member_sums
    inner join periods on member_sums.month_end = periods.period_end
)

select * from final
