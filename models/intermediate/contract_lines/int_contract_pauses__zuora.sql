-- grain: one pause of a Zuora contract, by its first day
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with versions as (
    select * from {{ ref('int_contract_versions__zuora') }}
),

amendments as (
    select * from {{ ref('stg_zuora__amendment') }}
    where not is_deleted and coalesce(amendment_status, 'completed') = 'completed'
),

switches as (
    select versions.contract_key, coalesce(amendments.suspend_date, amendments.effective_date) as switch_date, 1 as is_suspension
    from amendments
    inner join versions on amendments.subscription_id = versions.subscription_id
    where amendments.amendment_type in ('suspendsubscription', 'suspend')
    union all
    select
        versions.contract_key,
        coalesce(
            amendments.resume_date,
            case when amendments.amendment_type in ('resumesubscription', 'resume') then amendments.effective_date end
        ) as switch_date,
        0 as is_suspension
    from amendments
    inner join versions on amendments.subscription_id = versions.subscription_id
    where amendments.amendment_type in ('resumesubscription', 'resume', 'suspendsubscription', 'suspend')
),

-- The next resumption ends a pause.
paired as (
    select
        contract_key,
        switch_date as suspend_date,
        is_suspension,
        min(case when is_suspension = 0 then switch_date end) over (
            partition by contract_key
            order by switch_date asc nulls last, is_suspension desc nulls last
            rows between 1 following and unbounded following
        ) as resume_date
    from switches
    where switch_date is not null
),

amended as (
    select contract_key, suspend_date, min(resume_date) as resume_date
    from paired
    where is_suspension = 1 and (resume_date is null or resume_date > suspend_date)
    group by contract_key, suspend_date
),

-- A contract that stands suspended without an amendment that says since when: since the last change known of it.
open_pauses as (
    select contract_key from amended where resume_date is null
),

undated as (
    select versions.contract_key, versions.updated_date as suspend_date, cast(null as date) as resume_date
    from versions
    left join open_pauses on versions.contract_key = open_pauses.contract_key
    where
        versions.is_current
        and versions.subscription_status = 'suspended'
        and versions.updated_date is not null
        and open_pauses.contract_key is null
),

final as (
    select contract_key, suspend_date, resume_date from amended
    union all
    select contract_key, suspend_date, resume_date from undated
)

select * from final
