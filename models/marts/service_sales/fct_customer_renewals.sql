-- grain: one customer and period in which contracts of it fell due
with renewals as (
    select * from {{ ref('fct_contract_renewals') }}
),

periods as (
    select * from {{ ref('int_periods') }} where is_opening_known
),

counted as (
    select
        renewals.customer_id,
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        count(*) as due_count,
        count(case when renewals.is_renewed then 1 end) as renewed_count,
        {%- for kind in ('service', 'product') %}
        count(case when renewals.contract_kind = '{{ kind }}' then 1 end) as due_{{ kind }}_count,
        count(case when renewals.contract_kind = '{{ kind }}' and renewals.is_renewed then 1 end) as renewed_{{ kind }}_count,
        {%- endfor %}
        -- That of the first contract due: it is the earliest reading of the period.
        min(concat(cast(renewals.due_date as {{ dbt.type_string() }}), '|', renewals.tenure_band)) as first_band
    from renewals
    inner join periods
        on renewals.month_number > periods.opening_month_number and renewals.month_number <= periods.closing_month_number
    group by renewals.customer_id, periods.period_grain, periods.period_end, periods.is_provisional
),

final as (
    select
        customer_id,
        period_grain,
        period_end,
        substr(first_band, 12) as tenure_band,
        cast(due_count as integer) as due_count,
        cast(renewed_count as integer) as renewed_count,
        {%- for kind in ('service', 'product') %}
        cast(due_{{ kind }}_count as integer) as due_{{ kind }}_count,
        cast(renewed_{{ kind }}_count as integer) as renewed_{{ kind }}_count,
        {%- endfor %}
        cast(is_provisional as boolean) as is_provisional
    from counted
)

select * from final
