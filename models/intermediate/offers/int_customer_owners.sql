-- grain: one customer and stretch of days in which the owner of its newest closed deal was the same
with opportunities as (
    select * from {{ ref('int_opportunities') }} where is_closed and rep_id is not null and close_date is not null
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- Of the deals closed on one day, the one with the largest key stands for the day.
ranked as (
    select
        identity.customer_id,
        opportunities.close_date,
        opportunities.rep_id,
        row_number() over (
            partition by identity.customer_id, opportunities.close_date order by opportunities.opportunity_key desc
        ) as place
    from opportunities
    inner join identity on opportunities.account_key = identity.account_key
),

final as (
    select
        customer_id,
        rep_id,
        close_date as owned_from_date,
        lead(close_date) over (partition by customer_id order by close_date asc) as owned_until_date
    from ranked
    where place = 1
)

select * from final
