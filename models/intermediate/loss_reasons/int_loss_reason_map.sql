-- grain: one wording of a loss reason
with words as (
    select * from {{ ref('loss_reason_map') }}
),

final as (
    select
        {{ reason_key('reason_raw') }} as reason_key,
        loss_reason
    from words
)

select * from final
