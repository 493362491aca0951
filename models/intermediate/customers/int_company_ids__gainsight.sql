-- grain: one id under which exports of Gainsight name a company
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with companies as (
    select * from {{ ref('stg_gainsight__company') }}
),

ids as (
    select company_id as any_id, company_id from companies
    union
    select {{ salesforce_short_id('crm_account_id') }} as any_id, company_id
    from companies
    where crm_account_id is not null and not is_deleted
),

-- Two companies with one Salesforce account: neither can be told by it.
final as (
    select any_id, min(company_id) as company_id
    from ids
    group by any_id
    having count(*) = 1
)

select * from final
