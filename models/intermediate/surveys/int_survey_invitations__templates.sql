-- grain: one invitation of the survey_invitations template
{{ config(enabled='templates' in var('systems')) }}

with invitations as (

    select * from {{ ref('stg_templates__survey_invitations') }}

),

final as (

    select
        'templates:' || invitation_id as invitation_key,
        'templates' as system,
        'templates:' || survey_id as survey_key,
        survey_title,
        'templates:' || account_id as account_key,
        {{ hashed_key('contact_id') }} as contact_key,
        sent_date,
        completed_date,
        is_failed,
        recorded_date
    from invitations

)

select * from final
