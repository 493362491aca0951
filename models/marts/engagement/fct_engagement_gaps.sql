-- grain: one customer and day of engagement that followed an earlier one
with engagement_days as (
    select distinct customer_id, interaction_date
    from {{ ref('int_interactions') }}
    where is_two_way
),

months as (
    select * from {{ ref('int_months') }}
),

followed as (
    select
        customer_id,
        interaction_date as engagement_date,
        lag(interaction_date) over (partition by customer_id order by interaction_date asc) as earlier_date
    from engagement_days
),

final as (
    select
        followed.customer_id,
        followed.engagement_date,
        followed.earlier_date,
        cast({{ dbt.datediff('followed.earlier_date', 'followed.engagement_date', 'day') }} as integer) as gap_days,  -- noqa: LT05
        months.month_end,
        months.month_number,
        -- The month of the earlier day, which has to lie in the same year, too.
        cast(
            extract(year from followed.earlier_date) * 12 + extract(month from followed.earlier_date) - 1 as integer
        ) as earlier_month_number
    from followed
    inner join months
        on followed.engagement_date >= months.month_start and followed.engagement_date <= months.month_end
    where followed.earlier_date is not null
)

select * from final
