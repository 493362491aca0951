-- grain: one wording of why a customer opened a case
with words as (
    select * from {{ ref('case_reason_map') }}
),

final as (
    select
        reason_raw,
        {{ reason_key('reason_raw') }} as reason_key,
        nullif(case_reason, 'unknown') as case_reason,
        case when case_reason <> 'unknown' then is_preventable end as is_preventable
    from words
)

select * from final
