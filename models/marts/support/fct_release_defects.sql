-- grain: one release of a product family and month, from its first case to its last
with opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened' and product_family is not null and release_name is not null
),

license_months as (
    select * from {{ ref('fct_license_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- One licence of unknown quantity makes the seats of its product unknown.
seats as (
    select
        product_family,
        month_end,
        case when count(sold_quantity) = count(*) then sum(sold_quantity) end as sold_quantity
    from license_months
    group by product_family, month_end
),

lives as (
    select product_family, release_name, min(month_number) as first_month_number, max(month_number) as last_month_number
    from opened
    group by product_family, release_name
),

counts as (
    select
        product_family,
        release_name,
        month_number,
        count(*) as case_count,
        count(case when case_reason = 'defect' then 1 end) as defect_case_count
    from opened
    group by product_family, release_name, month_number
),

release_months as (
    select
        lives.product_family,
        lives.release_name,
        months.month_end,
        months.month_number,
        months.is_provisional,
        coalesce(counts.case_count, 0) as case_count,
        coalesce(counts.defect_case_count, 0) as defect_case_count,
        seats.sold_quantity,
        min(lives.first_month_number) over (partition by lives.product_family) as first_month_number
    from lives
    inner join months on months.month_number >= lives.first_month_number and months.month_number <= lives.last_month_number
    left join counts
        on
            lives.product_family = counts.product_family
            and lives.release_name = counts.release_name
            and months.month_number = counts.month_number
    left join seats on lives.product_family = seats.product_family and months.month_end = seats.month_end
),

-- What the releases of the product had in the twelve months before: defect cases for every hundred seats and month.
family_months as (
    select
        product_family,
        month_number,
        sum(case when sold_quantity > 0 then defect_case_count end) as defect_case_count,
        sum(case when sold_quantity > 0 then sold_quantity end) as sold_quantity
    from release_months
    group by product_family, month_number
),

baselines as (
    select
        months.month_number,
        family_months.product_family,
        100 * cast(sum(family_months.defect_case_count) as double) / cast(sum(family_months.sold_quantity) as double) as mean_rate
    from months
    inner join family_months
        on family_months.month_number >= months.month_number - 12 and family_months.month_number < months.month_number
    where family_months.sold_quantity > 0
    group by months.month_number, family_months.product_family
),

rated as (
    select
        release_months.*,
        cast(round(100 * cast(release_months.defect_case_count as double) / nullif(cast(release_months.sold_quantity as double), 0), 6)
            as decimal(18, 6)) as defect_rate,
        -- Without a whole year before there is no limit.
        case
            when release_months.month_number - 12 >= release_months.first_month_number then baselines.mean_rate
        end as mean_rate
    from release_months
    left join baselines
        on release_months.product_family = baselines.product_family and release_months.month_number = baselines.month_number
),

limited as (
    select
        *,
        cast(round(mean_rate + 3 * sqrt(mean_rate / nullif(cast(sold_quantity as double) / 100, 0)), 6) as decimal(18, 6)) as limit_rate
    from rated
),

final as (
    select
        product_family,
        release_name,
        month_end,
        -- Releases of different products may have one name.
        case
            when lower(release_name) like concat(lower(product_family), '%') then release_name
            else concat(product_family, ' ', release_name)
        end as release_label,
        month_number,
        cast(case_count as bigint) as case_count,
        cast(defect_case_count as bigint) as defect_case_count,
        cast(sold_quantity as decimal(18, 6)) as sold_quantity,
        defect_rate,
        cast(round(mean_rate, 6) as decimal(18, 6)) as mean_rate,
        limit_rate,
        cast(defect_rate > limit_rate as boolean) as is_above_limit,
        is_provisional
    from limited
)

select * from final
