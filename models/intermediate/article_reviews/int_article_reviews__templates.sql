-- grain: one review of a knowledge article
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with exported as (
    select * from {{ ref('stg_templates__article_reviews') }}
),

final as (
    select
        concat('templates:', article_id, '|', cast(reviewed_at as {{ dbt.type_string() }})) as review_key,
        'templates' as system,
        article_id,
        {{ reporting_date('reviewed_at') }} as reviewed_date,
        checked_count,
        met_count,
        recorded_date
    from exported
)

select * from final
