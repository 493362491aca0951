-- grain: one Pendo account, as its newest version has it
with versions as (
    select
        *,
        row_number() over (partition by id order by last_updated_at desc) as version_number,
        min(_created_date) over (partition by id) as first_recorded_date
    from {{ ref('base_pendo__account_history') }}
    where _row_status = 'accepted'
),

final as (
    select
        id as account_id,
        agent_name as account_name,
        agent_salesforceaccountid as crm_account_id,
        first_visit as first_visit_at,
        last_visit as last_visit_at,
        last_updated_at,
        first_recorded_date as recorded_date
    from versions
    where version_number = 1
)

select * from final
