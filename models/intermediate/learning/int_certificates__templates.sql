-- grain: one certificate of the certificates template
{{ config(enabled='templates' in var('systems')) }}

with certificates as (
    select * from {{ ref('stg_templates__certificates') }}
),

final as (
    select
        'templates:' || certificate_id as certificate_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        {{ hashed_key("'templates:' || user_id") }} as learner_key,
        issued_date,
        expires_date,
        recorded_date
    from certificates
)

select * from final
