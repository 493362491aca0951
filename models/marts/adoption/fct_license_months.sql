-- grain: one customer, product family and month-end with licences counted by seats
with segments as (
    select * from {{ ref('int_recurring_segments') }} where mrr_original_amount > 0
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

months as (
    select * from {{ ref('int_months') }}
),

seat_units as (
    select * from {{ ref('seat_units') }}
),

customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

feeds as (
    select * from {{ ref('int_usage_feeds') }}
),

user_months as (
    select * from {{ ref('int_user_months') }}
),

assignments as (
    select * from {{ ref('int_seat_assignments') }}
),

survey_shares as (
    select * from {{ ref('int_adoption_answers') }} where question_kind = 'adoption_share' and score between 0 and 1
),

families as (
    select * from {{ ref('int_usage_product_families') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

-- A line tells what its quantity counts, else its product does. Support for seats is no licence.
seat_lines as (
    select contract_lines.contract_line_id
    from contract_lines
    left join products on contract_lines.product_key = products.product_key
    inner join seat_units
        on lower(coalesce(contract_lines.unit_of_measure, products.unit_of_measure)) = seat_units.unit_of_measure
    where coalesce(products.offer_type, 'product') = 'product'
),

sold as (
    select
        segments.customer_id,
        segments.product_family,
        months.month_end,
        months.snapshot_date,
        months.is_provisional,
        case when count(segments.quantity) = count(*) then sum(segments.quantity) end as sold_quantity,
        case when count(segments.mrr_amount) = count(*) then 12 * sum(segments.mrr_amount) end as arr_amount
    from segments
    inner join seat_lines on segments.contract_line_id = seat_lines.contract_line_id
    inner join months
        on
            segments.start_date <= months.snapshot_date
            and (segments.end_date is null or months.snapshot_date < segments.end_date)
    group by segments.customer_id, segments.product_family, months.month_end, months.snapshot_date, months.is_provisional
),

holders as (
    select
        identity.customer_id,
        families.product_family,
        assignments.user_key,
        assignments.assigned_date,
        assignments.unassigned_date
    from assignments
    inner join identity on assignments.account_key = identity.account_key
    inner join families on assignments.product_key = families.product_key
),

assigned as (
    select
        sold.customer_id,
        sold.product_family,
        sold.month_end,
        count(distinct holders.user_key) as assigned_count
    from sold
    inner join holders
        on
            sold.customer_id = holders.customer_id
            and sold.product_family = holders.product_family
            and holders.assigned_date <= sold.snapshot_date
            and (holders.unassigned_date is null or sold.snapshot_date < holders.unassigned_date)
    group by sold.customer_id, sold.product_family, sold.month_end
),

-- Where seats are assigned, only their holders use one.
used as (
    select
        sold.customer_id,
        sold.product_family,
        sold.month_end,
        count(distinct user_months.user_key) as user_count,
        count(distinct holders.user_key) as holder_count
    from sold
    inner join user_months
        on
            sold.customer_id = user_months.customer_id
            and sold.product_family = user_months.product_family
            and sold.month_end = user_months.month_end
    left join holders
        on
            user_months.customer_id = holders.customer_id
            and user_months.product_family = holders.product_family
            and user_months.user_key = holders.user_key
            and holders.assigned_date <= sold.snapshot_date
            and (holders.unassigned_date is null or sold.snapshot_date < holders.unassigned_date)
    group by sold.customer_id, sold.product_family, sold.month_end
),

-- Measured: a system knows the account, tells users, and its days cover the 28 to the month's end.
joined as (
    select
        sold.customer_id,
        sold.product_family,
        sold.month_end,
        sold.is_provisional,
        sold.sold_quantity,
        sold.arr_amount,
        coalesce(
            feeds.is_by_user
            and feeds.tracked_from_date <= {{ add_days('sold.snapshot_date', 1 - var('adoption_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('sold.snapshot_date', -7) }},
            false
        ) as is_measured,
        assigned.assigned_count,
        case when assigned.assigned_count is null then coalesce(used.user_count, 0) else coalesce(used.holder_count, 0) end as used_count,
        cast(round(cast(survey_shares.score as double) * sold.sold_quantity, 6) as decimal(18, 6)) as surveyed_quantity
    from sold
    left join feeds on sold.customer_id = feeds.customer_id and sold.product_family = feeds.product_family
    left join assigned
        on
            sold.customer_id = assigned.customer_id
            and sold.product_family = assigned.product_family
            and sold.month_end = assigned.month_end
    left join used
        on sold.customer_id = used.customer_id and sold.product_family = used.product_family and sold.month_end = used.month_end
    left join survey_shares on sold.customer_id = survey_shares.customer_id and sold.month_end = survey_shares.month_end
),

-- What customers say stands in where nothing is measured, and is marked.
measured as (
    select
        *,
        case when is_measured then 'observed' when surveyed_quantity is not null then 'survey' else 'unknown' end as measurement_source,
        case when is_measured then used_count end as in_use_count,
        case
            when sold_quantity is null then null
            when is_measured then {{ 'least(used_count, sold_quantity)' if var('cap_overage') else 'used_count' }}
            else surveyed_quantity
        end as adopted_quantity,
        case when is_measured then greatest(used_count - sold_quantity, 0) end as overage_quantity,
        case when is_measured then greatest(sold_quantity - used_count, 0) else sold_quantity - surveyed_quantity end
            as unused_quantity
    from joined
),

final as (
    select
        measured.customer_id,
        measured.product_family,
        measured.month_end,
        customer_months.tenure_months,
        customer_months.tenure_band,
        cast(measured.sold_quantity as decimal(18, 6)) as sold_quantity,
        cast(measured.arr_amount as decimal(18, 6)) as arr_amount,
        measured.measurement_source,
        cast(measured.assigned_count as integer) as assigned_count,
        cast(measured.in_use_count as integer) as in_use_count,
        cast(measured.adopted_quantity as decimal(18, 6)) as adopted_quantity,
        cast(measured.overage_quantity as decimal(18, 6)) as overage_quantity,
        cast(measured.unused_quantity as decimal(18, 6)) as unused_quantity,
        cast(
            round(cast(measured.arr_amount as double) * measured.adopted_quantity / nullif(measured.sold_quantity, 0), 6) as decimal(18, 6)
        ) as adopted_arr_amount,
        cast(
            round(cast(measured.arr_amount as double) * measured.unused_quantity / nullif(measured.sold_quantity, 0), 6) as decimal(18, 6)
        ) as shelfware_amount,
        measured.is_provisional
    from measured
    inner join customer_months on measured.customer_id = customer_months.customer_id and measured.month_end = customer_months.month_end
)

select * from final
