-- grain: one of the coming twelve months and kind of contract, also those in which nothing falls due
with months as (

    select last_day(dim_as_of.as_of_date + interval 1 day + to_months(cast(steps.step as integer))) as month_end
    from marts.dim_as_of
    cross join range(12) as steps (step)

),

kinds as (

    select distinct contract_kind
    from marts.fct_renewals_calendar

),

final as (

    select
        months.month_end,
        kinds.contract_kind,
        coalesce(calendar.due_count, 0) as due_count,
        coalesce(calendar.unknown_count, 0) as unknown_count,
        coalesce(calendar.available_amount, 0) as available_amount,
        coalesce(calendar.booked_amount, 0) as booked_amount,
        coalesce(calendar.open_amount, 0) as open_amount,
        coalesce(calendar.at_risk_amount, 0) as at_risk_amount,
        coalesce(calendar.lost_amount, 0) as lost_amount
    from months
    cross join kinds
    left join marts.fct_renewals_calendar as calendar
        on
            months.month_end = calendar.month_end
            and kinds.contract_kind = calendar.contract_kind

)

select
    *,
    sum(due_count) over (partition by contract_kind) as all_due_count,
    sum(available_amount) over (partition by contract_kind) as all_available_amount,
    sum(at_risk_amount) over (partition by contract_kind) as all_at_risk_amount
from final
order by contract_kind desc, month_end
