-- grain: one case and one article linked to it or written for it
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with links as (
    select * from {{ ref('stg_templates__case_articles') }}
),

final as (
    select
        case_system || ':' || case_id as case_key,
        -- A help center is part of the support system: it numbers its articles.
        case_system || ':' || article_id as article_key,
        'templates' as system,
        link_type = 'created' as is_created,
        linked_at,
        article_created_at,
        recorded_date
    from links
)

select * from final
