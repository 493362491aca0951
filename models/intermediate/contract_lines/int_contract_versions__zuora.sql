-- grain: one version of a Zuora subscription that is not deleted
{{ config(enabled='zuora' in var('systems')) }}

with subscriptions as (
    select * from {{ ref('stg_zuora__subscription') }} where not is_deleted
),

-- All versions share original_id, the id of the first one. A version without it takes that of its siblings by subscription number.
lineages as (
    select
        *,
        coalesce(
            original_subscription_id,
            case
                when subscription_number is not null then max(original_subscription_id) over (partition by subscription_number)
            end,
            subscription_number,
            subscription_id
        ) as lineage_id,
        coalesce(subscription_status in ('draft', 'pending', 'pendingactivation', 'pendingacceptance'), false) as is_draft
    from subscriptions
),

-- A draft is a plan: it never replaces a version in force.
-- The number decides, not is_latest_version, which lacks in an export cut at a past day.
ranked as (
    select
        *,
        row_number() over (
            partition by lineage_id
            order by
                is_draft asc nulls last,
                version desc nulls last,
                is_latest_version desc nulls last,
                created_at desc nulls last,
                subscription_id desc nulls last
        ) as version_rank
    from lineages
),

-- Whatever may name a subscription: the id of a version, the number, the id of the first version.
names as (
    select subscription_id as reference, lineage_id from lineages
    union all
    select subscription_number as reference, lineage_id from lineages where subscription_number is not null
    union all
    select lineage_id as reference, lineage_id from lineages
),

known_names as (
    select reference, min(lineage_id) as lineage_id
    from names
    group by reference
),

-- previous_subscription_id is the version before; where it leads to another contract, that one was renewed by this.
references_to_predecessors as (
    select lineage_id, renewal_of_reference as reference, 1 as precedence from lineages where renewal_of_reference is not null
    union all
    select lineage_id, previous_subscription_id as reference, 2 as precedence from lineages where previous_subscription_id is not null
),

predecessors as (
    select
        references_to_predecessors.lineage_id,
        coalesce(
            min(case when references_to_predecessors.precedence = 1 then known_names.lineage_id end),
            min(known_names.lineage_id)
        ) as renewal_of_lineage_id
    from references_to_predecessors
    inner join known_names on references_to_predecessors.reference = known_names.reference
    where known_names.lineage_id <> references_to_predecessors.lineage_id
    group by references_to_predecessors.lineage_id
),

final as (
    select
        ranked.subscription_id,
        'zuora:' || ranked.lineage_id as contract_key,
        'zuora:' || predecessors.renewal_of_lineage_id as renewal_of_contract_key,
        'zuora:' || ranked.account_id as account_key,
        ranked.account_id,
        ranked.version,
        ranked.version_rank = 1 as is_current,
        ranked.is_draft,
        ranked.subscription_status,
        ranked.term_type,
        ranked.is_auto_renewed,
        ranked.term_start_date,
        case when ranked.term_type = 'EVERGREEN' then cast(null as date) else ranked.term_end_date end as term_end_date,
        ranked.subscription_end_date,
        ranked.cancelled_date,
        {{ reason_key('ranked.cancel_reason') }} as cancel_reason_key,
        {{ reporting_date('ranked.updated_at') }} as updated_date,
        ranked.recorded_date
    from ranked
    left join predecessors on ranked.lineage_id = predecessors.lineage_id
)

select * from final
