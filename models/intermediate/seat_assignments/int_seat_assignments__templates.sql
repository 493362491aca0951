-- grain: one seat of one user from one moment on
{{ config(enabled='templates' in var('systems')) }}

with seats as (
    select * from {{ ref('stg_templates__licence_assignments') }}
),

final as (
    select
        'templates:' || account_id as account_key,
        'templates' as system,
        'templates:' || product_id as product_key,
        {{ hashed_key('user_id') }} as user_key,
        assigned_at,
        unassigned_at,
        {{ reporting_date('assigned_at') }} as assigned_date,
        {{ reporting_date('unassigned_at') }} as unassigned_date,
        recorded_date
    from seats
)

select * from final
