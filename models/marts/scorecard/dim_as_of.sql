-- grain: one row: the day of the warehouse and the policy under which its numbers were made
with clock as (
    select * from {{ ref('int_as_of') }}
),

final as (
    select
        as_of_date,
        fx_rate_date,
        '{{ var("reporting_currency") }}' as reporting_currency,
        {{ dbt.hash("concat('" ~ policy_text() ~ "; rates of ', cast(fx_rate_date as " ~ dbt.type_string() ~ "))") }} as policy_hash
    from clock
)

select * from final
