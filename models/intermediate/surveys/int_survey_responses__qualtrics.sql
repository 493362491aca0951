-- grain: one genuine and finished response of Qualtrics
{{ config(enabled='qualtrics' in var('systems')) }}

with responses as (
    select * from {{ ref('stg_qualtrics__survey_response') }}
),

fields as (
    select * from {{ ref('stg_qualtrics__survey_embedded_data') }}
),

contacts as (
    select response_id, min(contact_id) as contact_id
    from {{ ref('stg_qualtrics__distribution_contact') }}
    where response_id is not null
    group by response_id
),

-- An exact key to the CRM. Two different ones contradict each other and tell nothing.
accounts as (
    select response_id, min(field_value) as crm_account_id
    from fields
    where
        field_value is not null
        and replace(lower(field_name), '_', '') in ('accountid', 'crmaccountid', 'salesforceaccountid', 'sfdcaccountid')
    group by response_id
    having count(distinct {{ salesforce_short_id('field_value') }}) = 1
),

final as (
    select
        responses.response_id,
        responses.survey_id,
        accounts.crm_account_id,
        -- One person is known by the address; where there is none, by the id of the contact.
        {{ hashed_key("coalesce(responses.recipient_email, 'qualtrics:' || contacts.contact_id)") }} as contact_key,
        responses.answered_date,
        responses.recorded_date
    from responses
    left join accounts on responses.response_id = accounts.response_id
    left join contacts on responses.response_id = contacts.response_id
    where responses.is_finished and responses.is_genuine
)

select * from final
