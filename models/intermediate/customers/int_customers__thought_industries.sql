-- grain: one account whose people learn with Thought Industries
{{ config(enabled='thought_industries' in var('systems'), materialized='view') }}

-- Learners carry the id that the CRM has of their account.
with final as (
    {{ accounts_of_crm_ids('thought_industries', ref('stg_thought_industries__users'), 'min(recorded_date)') }}
)

select * from final
