-- grain: one account with projects in Kantata
{{ config(enabled='kantata' in var('systems'), materialized='view') }}

-- Projects carry the id that the CRM has of their account.
with final as (
    {{ accounts_of_crm_ids('kantata', ref('stg_kantata__project_details')) }}
)

select * from final
