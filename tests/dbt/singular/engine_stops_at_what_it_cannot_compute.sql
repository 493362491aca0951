-- Spark outside ANSI mode makes null of what overflows or cannot be cast. There, and only there, the size of nothing is a number.
{% if target.type == 'spark' %}
select size(cast(null as array<int>)) as size_of_nothing
where size(cast(null as array<int>)) is not null
{% else %}
select 1 as never
where 1 = 0
{% endif %}
