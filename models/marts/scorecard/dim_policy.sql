-- grain: one policy var
with final as (
    {%- for name in policy_vars() | sort %}
    {{ 'union all' if not loop.first }}
    select
        '{{ name }}' as var_name,
        '{{ var(name) }}' as var_value,
        '{{ policy_vars()[name] }}' as meaning
    {%- endfor %}
)

select * from final
