-- grain: one term of a Zuora contract, as its versions record it
{{ config(enabled='zuora' in var('systems')) }}

with versions as (
    select * from {{ ref('int_contract_versions__zuora') }}
),

-- The first version that has the term tells its original end; later ones move it when the contract is cancelled or extended.
ranked as (
    select
        contract_key,
        term_start_date,
        term_end_date,
        recorded_date,
        row_number() over (
            partition by contract_key, term_start_date
            order by version asc nulls last, term_end_date asc, subscription_id asc
        ) as version_number
    from versions
    where not is_draft and term_type = 'TERMED' and term_start_date < term_end_date
),

final as (
    select
        contract_key,
        'zuora' as system,
        term_start_date,
        term_end_date,
        recorded_date
    from ranked
    where version_number = 1
)

select * from final
