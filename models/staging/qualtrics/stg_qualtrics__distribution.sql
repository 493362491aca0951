-- grain: one distribution
with exported as (
    select * from {{ ref('base_qualtrics__distribution') }}
),

final as (
    select
        id as distribution_id,
        coalesce(parent_distribution_id, id) as invitation_distribution_id,
        survey_link_survey_id as survey_id,
        coalesce(_fivetran_deleted, false) as is_deleted,
        _created_date as recorded_date
    from exported
    where _row_status = 'accepted'
)

select * from final
