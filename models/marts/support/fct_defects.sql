-- grain: one bug that is no copy of another
with bugs as (
    select * from {{ ref('int_defects') }} where is_bug
),

originals as (
    select * from {{ ref('int_defect_originals') }} where is_bug
),

links as (
    select * from {{ ref('int_case_defects') }}
),

cases as (
    select * from {{ ref('int_cases') }} where is_in_scope
),

months as (
    select * from {{ ref('int_months') }}
),

-- A case linked to a copy tells of the original, also through several copies.
reports as (
    select
        originals.original_bug_key as defect_key,
        cases.case_key,
        {{ reporting_date('cases.created_at') }} as opened_date
    from links
    inner join cases on links.case_key = cases.case_key
    inner join originals on links.defect_key = originals.defect_key
),

reported as (
    select defect_key, count(distinct case_key) as case_count, min(opened_date) as first_case_date
    from reports
    group by defect_key
),

dated as (
    select
        bugs.defect_key,
        bugs.product_family,
        bugs.release_name,
        bugs.resolution_class,
        {{ reporting_date('bugs.created_at') }} as entered_date,
        {{ reporting_date('bugs.resolved_at') }} as resolved_date,
        coalesce(bugs.is_customer_reported, false) or reported.defect_key is not null as is_customer_reported,
        coalesce(reported.case_count, 0) as case_count,
        -- The tracker says so itself, or the first case does.
        case
            when bugs.is_customer_reported then {{ reporting_date('bugs.created_at') }}
            when reported.first_case_date is not null
                then greatest({{ reporting_date('bugs.created_at') }}, reported.first_case_date)
        end as reported_date
    from bugs
    inner join originals on bugs.defect_key = originals.defect_key and bugs.defect_key = originals.original_bug_key
    left join reported on bugs.defect_key = reported.defect_key
),

final as (
    select
        dated.defect_key,
        dated.product_family,
        dated.release_name,
        dated.entered_date,
        dated.is_customer_reported,
        dated.reported_date,
        cast(dated.case_count as bigint) as linked_case_count,
        dated.resolved_date,
        months.month_number as resolved_month_number,
        dated.resolution_class,
        cast(
            case
                when dated.resolution_class = 'fixed' then {{ dbt.datediff('dated.entered_date', 'dated.resolved_date', 'day') }}
            end as integer
        ) as fix_days
    from dated
    left join months on dated.resolved_date >= months.month_start and dated.resolved_date <= months.month_end
)

select * from final
