-- grain: one success plan of Gainsight that is not deleted
{{ config(enabled='gainsight' in var('systems'), materialized='view') }}

with plans as (
    select * from {{ ref('stg_gainsight__success_plan') }}
),

final as (
    select
        'gainsight:' || plan_id as plan_key,
        'gainsight' as system,
        'gainsight:' || company_id as account_key,
        {{ lower_case('status_raw') }} as status_words,
        -- A plan is a draft until it is made active, and may be active before it starts.
        coalesce(greatest(coalesce(start_date, active_date), coalesce(active_date, start_date)), recorded_date) as start_date,
        due_date,
        agreed_date,
        is_closed,
        closed_date,
        recorded_date
    from plans
    where not is_deleted
)

select * from final
