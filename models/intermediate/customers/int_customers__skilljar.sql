-- grain: one account whose people learn with Skilljar
{{ config(enabled='skilljar' in var('systems'), materialized='view') }}

-- Learners carry the id that the CRM has of their account.
with final as (
    {{ accounts_of_crm_ids('skilljar', ref('stg_skilljar__user'), 'min(recorded_date)') }}
)

select * from final
