-- grain: one lost opportunity of the templates with a reason
{{ config(enabled='templates' in var('systems')) }}

with opportunities as (
    select * from {{ ref('stg_templates__opportunities') }}
),

final as (
    select
        'templates:' || opportunity_id as opportunity_key,
        'templates' as system,
        {{ reason_key('loss_reason') }} as reason_key,
        recorded_date
    from opportunities
    where not coalesce(is_won, false) and loss_reason is not null
)

select * from final
