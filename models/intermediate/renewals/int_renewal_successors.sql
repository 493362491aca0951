-- grain: one term that did not go on by itself, and one contract part that succeeds it
with due as (
    select * from {{ ref('int_renewals_due') }} where continued_date is null
),

parts as (
    select * from {{ ref('int_contract_parts') }}
),

segments as (
    select
        *,
        case when line_type in ('maintenance', 'support', 'success') then 'service' else 'product' end as contract_kind
    from {{ ref('int_recurring_segments') }}
    where contract_key is not null and not is_bridged and not is_pending
),

kinds as (
    select
        contract_key,
        min(start_date) as start_date,
        count(*) as kind_count
    from parts
    group by contract_key
),

contract_families as (
    select distinct contract_key, contract_kind, product_family
    from segments
    where mrr_original_amount > 0
),

-- Links between contracts that both came into service, the later one renewing the earlier.
links as (
    select distinct contract_lines.contract_key, contract_lines.renewal_of_contract_key
    from {{ ref('int_contract_lines') }} as contract_lines
    inner join kinds as successors on contract_lines.contract_key = successors.contract_key
    inner join kinds as renewed on contract_lines.renewal_of_contract_key = renewed.contract_key
    where
        contract_lines.renewal_of_contract_key <> contract_lines.contract_key
        and contract_lines.exclusion_reason is null
        and successors.start_date > renewed.start_date
),

linked_contracts as (
    select distinct contract_key from links
),

starts as (
    select
        parts.contract_key,
        parts.contract_kind,
        parts.customer_id,
        parts.start_date,
        parts.end_date,
        case when count(segments.mrr_amount) = count(*) then sum(segments.mrr_amount) end as mrr_amount
    from parts
    inner join segments
        on
            parts.contract_key = segments.contract_key
            and parts.contract_kind = segments.contract_kind
            and segments.start_date <= parts.start_date
            and (segments.end_date is null or segments.end_date > parts.start_date)
    group by parts.contract_key, parts.contract_kind, parts.customer_id, parts.start_date, parts.end_date
),

-- A linked contract renews each kind by its own; one that has no lines of the kind renews a contract of one kind whole.
linked as (
    select
        due.contract_key,
        due.contract_kind,
        due.term_end_date,
        due.available_mrr_amount,
        starts.contract_key as successor_key,
        starts.contract_kind as successor_kind,
        starts.start_date as successor_start_date,
        starts.mrr_amount as successor_mrr_amount
    from due
    inner join links on due.contract_key = links.renewal_of_contract_key
    inner join kinds as own_kinds on due.contract_key = own_kinds.contract_key
    inner join starts on links.contract_key = starts.contract_key
    left join parts as of_same_kind
        on links.contract_key = of_same_kind.contract_key and due.contract_kind = of_same_kind.contract_kind
    where
        starts.start_date > due.term_start_date
        and starts.start_date <= {{ add_days('due.term_end_date', var('renewal_grace_days')) }}
        and (
            starts.contract_kind = due.contract_kind
            or (of_same_kind.contract_key is null and own_kinds.kind_count = 1)
        )
),

terms_with_link as (
    select distinct contract_key, contract_kind, term_end_date from linked
),

of_same_family as (
    select distinct
        due.contract_key,
        due.contract_kind,
        due.term_end_date,
        due.available_mrr_amount,
        starts.contract_key as successor_key,
        starts.contract_kind as successor_kind,
        starts.start_date as successor_start_date,
        starts.mrr_amount as successor_mrr_amount
    from due
    inner join starts
        on
            due.customer_id = starts.customer_id
            and due.contract_kind = starts.contract_kind
            and due.contract_key <> starts.contract_key
            and starts.start_date > due.term_start_date
            and starts.start_date <= {{ add_days('due.term_end_date', var('renewal_grace_days')) }}
            and (starts.end_date is null or starts.end_date > due.term_end_date)
    inner join contract_families as own_families
        on due.contract_key = own_families.contract_key and due.contract_kind = own_families.contract_kind
    inner join contract_families as its_families
        on
            starts.contract_key = its_families.contract_key
            and starts.contract_kind = its_families.contract_kind
            and own_families.product_family = its_families.product_family
    left join linked_contracts on starts.contract_key = linked_contracts.contract_key
    left join terms_with_link
        on
            due.contract_key = terms_with_link.contract_key
            and due.contract_kind = terms_with_link.contract_kind
            and due.term_end_date = terms_with_link.term_end_date
    where linked_contracts.contract_key is null and terms_with_link.contract_key is null
),

succeeded as (
    select * from linked
    union all
    select * from of_same_family
),

-- What renews several contracts at once is shared among them by their value.
claimed as (
    select
        *,
        sum(available_mrr_amount) over (partition by successor_key, successor_kind) as claimed_mrr_amount,
        count(*) over (partition by successor_key, successor_kind) as claim_count,
        count(available_mrr_amount) over (partition by successor_key, successor_kind) as known_count
    from succeeded
),

final as (
    select
        contract_key,
        contract_kind,
        term_end_date,
        successor_key,
        successor_kind,
        successor_start_date,
        cast(
            case
                when claim_count = 1 then successor_mrr_amount
                when known_count = claim_count
                    then round(
                        cast(successor_mrr_amount as double) * cast(available_mrr_amount as double)
                        / nullif(cast(claimed_mrr_amount as double), 0), 6
                    )
            end as decimal(18, 6)
        ) as renewed_mrr_amount
    from claimed
)

select * from final
