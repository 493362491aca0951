-- grain: one outcome, month-end and customer, treated with services in the year before the last or untreated in it
-- noqa: disable=LT02
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

uses as (
    select * from {{ ref('int_service_uses') }}
),

costs as (
    select * from {{ ref('fct_service_profit_months') }} where customer_id <> 'unallocated'
),

customers as (
    select * from {{ ref('dim_customers') }}
),

months as (
    select * from {{ ref('int_months') }} where not is_provisional
),

use_months as (
    select distinct uses.customer_id, months.month_number
    from uses
    inner join {{ ref('int_months') }} as months on uses.used_date >= months.month_start and uses.used_date <= months.month_end
),

-- Before the first use on record nobody would have been recorded as treated.
tracked as (
    select min(month_number) as first_month_number from use_months
),

-- One anchor a month-end: twelve months before it. Whoever used a service in the twelve months up to the anchor is treated.
anchors as (
    select months.month_end, months.month_number, months.month_number - 12 as anchor_month_number
    from months
    cross join tracked
    where months.month_number - 23 >= tracked.first_month_number
),

treated as (
    select anchors.month_number, use_months.customer_id, count(*) as used_month_count
    from anchors
    inner join use_months
        on use_months.month_number > anchors.anchor_month_number - 12 and use_months.month_number <= anchors.anchor_month_number
    group by anchors.month_number, use_months.customer_id
),

-- What services cost in the same twelve months, where every line of every month tells it.
cost_months as (
    select customer_id, month_number, sum(cost_amount) as cost_amount, count(*) - count(cost_amount) as unknown_count
    from costs
    group by customer_id, month_number
),

spent as (
    select
        anchors.month_number,
        cost_months.customer_id,
        case when sum(cost_months.unknown_count) = 0 then sum(cost_months.cost_amount) end as cost_amount
    from anchors
    inner join cost_months
        on cost_months.month_number > anchors.anchor_month_number - 12 and cost_months.month_number <= anchors.anchor_month_number
    group by anchors.month_number, cost_months.customer_id
),

-- Who is compared with whom must not depend on what the services did since.
placed as (
    select
        customer_id,
        month_number,
        tenure_band,
        ntile(4) over (partition by month_number order by mrr_amount asc, customer_id asc) as mrr_quartile
    from customer_months
    where is_active and is_amount_known
),

measured as (
    select
        anchors.month_end,
        anchors.month_number,
        opening.customer_id,
        concat(
            coalesce(customers.segment, 'unknown'), '|', coalesce(customers.region, 'unknown'), '|', placed.tenure_band, '|',
            cast(placed.mrr_quartile as {{ dbt.type_string() }})
        ) as stratum,
        treated.customer_id is not null as is_treated,
        12 * opening.mrr_amount as opening_arr_amount,
        coalesce(spent.cost_amount, 0) as service_cost_amount,
        case
            when closing.customer_id is null or closing.is_amount_known
                then cast(coalesce(closing.mrr_amount, 0) as double) / cast(opening.mrr_amount as double)
        end as kept_share
    from anchors
    inner join customer_months as opening
        on anchors.anchor_month_number = opening.month_number and opening.mrr_amount > 0 and opening.is_amount_known
    inner join placed on opening.customer_id = placed.customer_id and anchors.anchor_month_number - 1 = placed.month_number
    left join customer_months as closing on opening.customer_id = closing.customer_id and anchors.month_number = closing.month_number
    left join customers on opening.customer_id = customers.customer_id
    left join treated on opening.customer_id = treated.customer_id and anchors.month_number = treated.month_number
    left join spent on opening.customer_id = spent.customer_id and anchors.month_number = spent.month_number
),

final as (
    {%- for outcome, cap in (('retained', 1), ('revenue', 2)) %}
    select
        '{{ outcome }}' as outcome,
        month_end,
        customer_id,
        month_number,
        stratum,
        cast(is_treated as boolean) as is_treated,
        cast(opening_arr_amount as decimal(18, 6)) as opening_arr_amount,
        cast(service_cost_amount as decimal(18, 6)) as service_cost_amount,
        cast(round(least(kept_share, {{ cap }}), 6) as decimal(18, 6)) as outcome_value
    from measured
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
)

select * from final
