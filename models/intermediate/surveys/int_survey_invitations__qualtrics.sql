-- grain: one contact of an invitation sent by Qualtrics, with its reminders
{{ config(enabled='qualtrics' in var('systems')) }}

with contacts as (
    select * from {{ ref('stg_qualtrics__distribution_contact') }}
),

distributions as (
    select * from {{ ref('stg_qualtrics__distribution') }}
),

surveys as (
    select * from {{ ref('stg_qualtrics__survey') }}
),

responses as (
    select * from {{ ref('int_survey_responses__qualtrics') }}
),

-- A reminder is no second invitation; an answer to it answers the first.
invitations as (
    select
        distributions.invitation_distribution_id,
        contacts.contact_id,
        min(distributions.survey_id) as survey_id,
        min(contacts.sent_at) as sent_at,
        min(contacts.completed_at) as completed_at,
        min(contacts.response_id) as response_id,
        -- It arrived if one of the messages did.
        min(case when contacts.is_failed then 1 else 0 end) as failed_number,
        min(contacts.recorded_date) as recorded_date
    from contacts
    inner join distributions on contacts.distribution_id = distributions.distribution_id
    where not distributions.is_deleted
    group by distributions.invitation_distribution_id, contacts.contact_id
),

final as (
    select
        'qualtrics:' || invitations.invitation_distribution_id || ':' || invitations.contact_id as invitation_key,
        'qualtrics' as system,
        'qualtrics:' || invitations.survey_id as survey_key,
        surveys.survey_name as survey_title,
        -- Only an answer tells the customer.
        'qualtrics:' || responses.crm_account_id as account_key,
        coalesce(responses.contact_key, {{ hashed_key("'qualtrics:' || invitations.contact_id") }}) as contact_key,
        {{ reporting_date('invitations.sent_at') }} as sent_date,
        {{ reporting_date('invitations.completed_at') }} as completed_date,
        invitations.failed_number = 1 as is_failed,
        invitations.recorded_date
    from invitations
    left join surveys on invitations.survey_id = surveys.survey_id
    left join responses on invitations.response_id = responses.response_id
    -- What has never been sent is no invitation.
    where invitations.sent_at is not null
)

select * from final
