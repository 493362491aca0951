-- grain: one export of an enabled system
with accounting as (
    select * from {{ ref('dq_row_accounting') }}
),

recorded_days as (
    select * from {{ ref('int_recorded_days') }}
),

final as (
    select
        accounting.system,
        accounting.table_name,
        accounting.is_present,
        accounting.rows_in - accounting.after_as_of_count as record_count,
        accounting.rejected_count + accounting.malformed_count as rejected_count,
        recorded_days.newest_recorded_date,
        recorded_days.is_far_ahead
    from accounting
    left join recorded_days on accounting.system = recorded_days.system and accounting.table_name = recorded_days.table_name
)

select * from final
