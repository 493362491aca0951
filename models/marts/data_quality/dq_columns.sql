-- grain: one contract column of an export of an enabled system
with columns_read as (
    select * from {{ source('landing', 'columns') }}
),

final as (
    select
        cast(system as {{ dbt.type_string() }}) as system,
        cast(table_name as {{ dbt.type_string() }}) as table_name,
        cast(column_name as {{ dbt.type_string() }}) as column_name,
        cast(is_required as boolean) as is_required,
        cast(is_export_present and {{ is_known_drop('export_since') }} as boolean) as is_export_present,
        cast(is_column_present and {{ is_known_drop('column_since') }} as boolean) as is_present,
        cast(needed_by as {{ dbt.type_string() }}) as needed_by
    from columns_read
)

select * from final
