-- grain: one attribute of a service offer
with exported as (
    select
        *,
        lower(replace(replace(attribute, ' ', '_'), '-', '_')) as attribute_word
    from {{ ref('base_templates__offer_attributes') }}
    where _row_status = 'accepted'
),

final as (
    select
        attribute_id,
        offer_id,
        attribute_word as attribute,
        -- Words of pick lists; families, segments and offers are named as elsewhere.
        case
            when attribute_word in ('silo', 'licence_model', 'outcome', 'promise') then lower(replace(replace(value, ' ', '_'), '-', '_'))
            else value
        end as attribute_value,
        valid_from as valid_from_date,
        valid_until as valid_until_date,
        _created_date as recorded_date
    from exported
)

select * from final
