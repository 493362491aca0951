-- grain: one record that staging could not take, or one line that landing set aside
{#- The raw text may hold personal data: it stays in the build and is not published. #}
with malformed as (
    select malformed.*
    from {{ source('landing', 'malformed') }} as malformed
    inner join {{ source('landing', 'files') }} as files on malformed.system = files.system and malformed.file = files.file
    where {{ is_known_drop('files.drop_date') }}
),

rejected as (
    {%- for system, table_name in enabled_exports() %}
    {{ 'union all' if not loop.first }}
    select
        '{{ system }}' as system,
        '{{ table_name }}' as table_name,
        base._file as file,
        base._record as record_number,
        base._reject_reason as reason,
        {{ record_as_json('landed') }} as raw_text
    from {{ ref('base_' ~ system ~ '__' ~ table_name) }} as base
    inner join {{ source(system, table_name) }} as landed
        on base._file = landed._file and base._record = landed._record
    where base._row_status = 'rejected'
    {%- endfor %}
),

final as (
    select
        system,
        table_name,
        file,
        record_number,
        cast(null as bigint) as line_number,
        reason,
        raw_text
    from rejected

    union all

    select
        system,
        table_name,
        file,
        cast(null as bigint) as record_number,
        line_number,
        reason,
        raw_text
    from malformed
)

select * from final
