-- grain: one rule by which a customer is at risk or to be watched, as in force at as_of_date
with rules as (
    select * from {{ ref('risk_rules') }}
),

next_steps as (
    select * from {{ ref('next_steps') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

newest as (
    select
        rules.*,
        row_number() over (partition by rules.rule_key order by rules.valid_from desc) as newness
    from rules
    cross join clock
    where rules.valid_from <= clock.as_of_date
),

final as (
    select
        newest.rule_key,
        newest.risk_class,
        cast(newest.rule_order as integer) as rule_order,
        newest.reason,
        newest.next_step,
        next_steps.instruction,
        newest.valid_from as valid_from_date,
        newest.is_active
    from newest
    left join next_steps on newest.next_step = next_steps.next_step
    where newest.newness = 1
)

select * from final
