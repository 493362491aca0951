-- grain: one Jira issue
{{ config(enabled='jira' in var('systems')) }}

with issues as (
    select * from {{ ref('stg_jira__issue') }} where not is_deleted
),

issue_types as (
    select * from {{ ref('stg_jira__issue_type') }}
),

resolutions as (
    select * from {{ ref('stg_jira__resolution') }}
),

statuses as (
    select * from {{ ref('stg_jira__status') }}
),

history as (
    select * from {{ ref('stg_jira__issue_field_history') }}
),

multiselect as (
    select * from {{ ref('stg_jira__issue_multiselect_history') }} where is_active
),

versions as (
    select * from {{ ref('stg_jira__version') }}
),

components as (
    select * from {{ ref('stg_jira__component') }}
),

projects as (
    select * from {{ ref('stg_jira__project') }}
),

links as (
    select * from {{ ref('stg_jira__issue_link') }}
),

bug_types as (
    select * from {{ ref('bug_issue_types') }}
),

resolution_map as (
    select * from {{ ref('defect_resolution_map') }}
),

product_words as (
    select * from {{ ref('int_product_words') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

-- The last change of the resolution that is known tells; an issue that was opened again has an empty one.
resolution_changes as (
    select
        history.issue_id,
        nullif(history.field_value, '') as resolution_id,
        history.changed_at,
        row_number() over (partition by history.issue_id order by history.changed_at desc) as change_from_end
    from history
    cross join clock
    where history.field_id = 'resolution' and {{ reporting_date('history.changed_at') }} <= clock.as_of_date
),

resolved as (
    select
        issues.issue_id,
        case when changes.issue_id is not null then changes.resolution_id else issues.resolution_id end as resolution_id,
        case
            when changes.issue_id is not null then case when changes.resolution_id is not null then changes.changed_at end
            else issues.resolved_at
        end as resolved_at
    from issues
    left join resolution_changes as changes on issues.issue_id = changes.issue_id and changes.change_from_end = 1
),

-- Of several values the smallest names the issue: the release that came first, the first component by name.
releases as (
    select
        multiselect.issue_id,
        multiselect.field_id,
        versions.version_name,
        row_number() over (
            partition by multiselect.issue_id, multiselect.field_id
            order by versions.release_date asc nulls last, versions.version_name asc
        ) as release_number
    from multiselect
    inner join versions on multiselect.field_value = versions.version_id
    where multiselect.field_id in ('versions', 'fixversions')
),

first_releases as (
    select
        issue_id,
        max(case when field_id = 'versions' then version_name end) as affected_release_name,
        max(case when field_id = 'fixversions' then version_name end) as fixed_release_name
    from releases
    where release_number = 1
    group by issue_id
),

first_components as (
    select multiselect.issue_id, min(components.component_name) as component_name
    from multiselect
    inner join components on multiselect.field_value = components.component_id
    where multiselect.field_id = 'components'
    group by multiselect.issue_id
),

duplicates as (
    select issue_id, min(related_issue_id) as original_issue_id
    from links
    where relationship = 'duplicates'
    group by issue_id
),

named as (
    select
        issues.*,
        issue_types.issue_type_name,
        bug_types.issue_type_raw is not null as is_bug,
        resolved.resolved_at as known_resolved_at,
        coalesce(resolutions.resolution_name, resolved.resolution_id) as resolution_name,
        statuses.status_name,
        first_releases.affected_release_name,
        first_releases.fixed_release_name,
        coalesce(first_components.component_name, projects.project_name) as product_name,
        duplicates.original_issue_id
    from issues
    inner join resolved on issues.issue_id = resolved.issue_id
    left join issue_types on issues.issue_type_id = issue_types.issue_type_id
    left join bug_types on {{ lower_case('issue_types.issue_type_name') }} = bug_types.issue_type_raw
    left join resolutions on resolved.resolution_id = resolutions.resolution_id
    left join statuses on issues.status_id = statuses.status_id
    left join first_releases on issues.issue_id = first_releases.issue_id
    left join first_components on issues.issue_id = first_components.issue_id
    left join projects on issues.project_id = projects.project_id
    left join duplicates on issues.issue_id = duplicates.issue_id
),

final as (
    select
        'jira:' || named.issue_id as defect_key,
        'jira' as system,
        'jira:' || named.issue_key as defect_number,
        named.issue_type_name as issue_type,
        named.is_bug,
        named.created_at,
        named.known_resolved_at as resolved_at,
        case
            when named.known_resolved_at is null then null
            when named.original_issue_id is not null and coalesce(resolution_map.resolution_class, 'duplicate') = 'duplicate'
                then 'duplicate'
            else resolution_map.resolution_class
        end as resolution_class,
        named.known_resolved_at is not null and named.resolution_name is not null and resolution_map.resolution_raw is null
            as is_resolution_unmapped,
        named.status_name as defect_status,
        'jira:' || named.original_issue_id as duplicate_of_defect_key,
        named.product_name,
        coalesce(component_words.product_family, project_words.product_family) as product_family,
        named.affected_release_name as release_name,
        named.fixed_release_name,
        named.is_customer_reported,
        cast(cast(named.engineering_seconds as double) / 60 as decimal(18, 6)) as engineering_minutes,
        named.recorded_date
    from named
    left join resolution_map on {{ lower_case('named.resolution_name') }} = resolution_map.resolution_raw
    left join product_words as component_words on {{ lower_case(trimmed('named.product_name')) }} = component_words.product_word
    left join projects on named.project_id = projects.project_id
    left join product_words as project_words on {{ lower_case(trimmed('projects.project_name')) }} = project_words.product_word
)

select * from final
