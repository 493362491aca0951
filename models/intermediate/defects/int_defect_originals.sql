-- grain: one issue of an issue tracker, with what it is a copy of
with defects as (
    select * from {{ ref('int_defects') }}
),

-- Two steps: a copy of a copy is booked on the last one. Of two that are copies of each other the smaller key stands for both.
followed as (
    select
        defects.defect_key,
        defects.is_bug,
        defects.resolution_class,
        original.defect_key as first_key,
        coalesce(original.is_bug, false) as is_first_bug,
        original.resolution_class as first_class,
        case
            when last_original.defect_key = defects.defect_key then least(defects.defect_key, original.defect_key)
            else last_original.defect_key
        end as last_key,
        coalesce(last_original.is_bug, false) as is_last_bug,
        last_original.resolution_class as last_class
    from defects
    left join defects as original
        on defects.duplicate_of_defect_key = original.defect_key and defects.resolution_class = 'duplicate'
    left join defects as last_original
        on original.duplicate_of_defect_key = last_original.defect_key and original.resolution_class = 'duplicate'
),

final as (
    select
        defect_key,
        is_bug,
        -- A bug that is a copy of another kind of issue stays a bug of its own.
        case
            when is_last_bug then last_key
            when is_first_bug then first_key
            else defect_key
        end as original_bug_key,
        -- A copy is what its original is.
        case
            when resolution_class <> 'duplicate' or first_key is null then resolution_class
            when first_class = 'duplicate' then coalesce(last_class, 'duplicate')
            else coalesce(first_class, 'duplicate')
        end as resolution_class
    from followed
)

select * from final
