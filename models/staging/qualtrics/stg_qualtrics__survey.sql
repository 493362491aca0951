-- grain: one survey
with exported as (
    select * from {{ ref('base_qualtrics__survey') }}
),

final as (
    select
        id as survey_id,
        survey_name,
        coalesce(_fivetran_deleted, false) as is_deleted
    from exported
    where _row_status = 'accepted'
)

select * from final
