-- grain: one active customer and month-end
with success_months as (
    select * from {{ ref('fct_success_months') }}
),

signals as (
    select * from {{ ref('fct_health_signals') }} where measure <> 'success'
),

-- Health contains success: compared with it as it is, it would agree by construction.
scored as (
    select
        customer_id,
        month_end,
        sum(weight) as total_weight,
        sum(case when score is not null then weight end) as known_weight,
        sum(weight * score) as weighted_score
    from signals
    group by customer_id, month_end
),

final as (
    select
        success_months.customer_id,
        success_months.month_end,
        success_months.success_band,
        cast(
            round(
                case
                    when scored.known_weight >= {{ var('health_min_weight') }} * scored.total_weight
                        then cast(scored.weighted_score as double) / cast(scored.known_weight as double)
                end, 6
            ) as decimal(18, 6)
        ) as score,
        success_months.is_provisional
    from success_months
    left join scored on success_months.customer_id = scored.customer_id and success_months.month_end = scored.month_end
)

select * from final
