-- grain: one line of a posted invoice or credit note
with unioned as (
    {{ union_systems('int_invoice_lines', ['stripe', 'zuora', 'templates']) }}
),

final as (
    select unioned.*
    from unioned
    cross join {{ ref('int_as_of') }} as clock
    where unioned.recorded_date is null or unioned.recorded_date <= clock.as_of_date
)

select * from final
