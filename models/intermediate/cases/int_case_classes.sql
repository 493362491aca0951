-- grain: one support case with what it turned out to be
with cases as (
    select * from {{ ref('int_cases') }}
),

links as (
    select * from {{ ref('int_case_defects') }}
),

originals as (
    select * from {{ ref('int_defect_originals') }}
),

linked as (
    select
        links.case_key,
        -- One true defect makes the case a defect, whatever else it is linked to.
        max(
            case when coalesce(originals.resolution_class, '') not in ('works_as_designed', 'cannot_reproduce') then 1 else 0 end
        ) as true_bug,
        max(case when originals.resolution_class in ('works_as_designed', 'cannot_reproduce') then 1 else 0 end) as refuted_bug
    from links
    inner join originals on links.defect_key = originals.defect_key
    where originals.is_bug
    group by links.case_key
),

classified as (
    select
        cases.case_key,
        cases.first_reason as reported_reason,
        case
            when linked.true_bug = 1 then 'defect'
            when linked.refuted_bug = 1 then 'how_to'
            when cases.has_problem then 'defect'
            else cases.final_reason
        end as confirmed_reason,
        coalesce(linked.true_bug = 1, false) as has_defect,
        coalesce(linked.true_bug = 0 and linked.refuted_bug = 1, false) as is_refuted_defect
    from cases
    left join linked on cases.case_key = linked.case_key
),

final as (
    select
        *,
        -- The one that metrics count by.
        {{ var('defect_basis') }}_reason as case_reason
    from classified
)

select * from final
