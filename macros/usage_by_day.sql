{#
    Use is summed day by day: a build sums the days whose rows differ from those that the kept sums were made of, and keeps all others.
    What a day was made of is a number in _load: of its rows, of the SQL that sums them and of the salt. It follows from the content
    alone, so whatever changes a row (events, seeds, vars, who is of the company itself) changes it, and nothing else does.
#}

{# The number of all rows of a day, in an aggregation by day. The columns are all those of the rows. #}
{% macro day_content(columns) -%}
    {{ number_of("concat(cast(count(*) as " ~ dbt.type_string() ~ "), ':', cast(" ~ content_number(columns) ~ " as " ~ dbt.type_string() ~ "))") }}
{%- endmacro %}

{# The number that rows of a day carry: what the day is made of, and by which SQL. #}
{% macro day_load(content) -%}
    {{ number_of(
        "concat('" ~ local_md5(model.raw_code ~ hashed_key('text')) ~ "', ':', " ~ hashed_key("'salt'") ~ ", ':', cast(" ~ content ~ " as "
        ~ dbt.type_string() ~ "))"
    ) }}
{%- endmacro %}

{# Days to be summed: in a build from nothing all of them. #}
{% macro open_days(states) -%}
    select states.usage_date, {{ day_load('states._load') }} as _load
    from {{ states }} as states
    {%- if has_kept_records() %}
    -- A list and no join: an engine that misjudges how many days are left would look them up the wrong way round.
    where states.usage_date not in (select distinct kept.usage_date from {{ this }} as kept)
    {%- endif %}
{%- endmacro %}

{# Before a model adds what is new, it forgets every day that is not made of the same any more. #}
{% macro forget_changed_days(system) -%}
{%- if execute and is_incremental() -%}
{%- if not has_kept_records() -%}
delete from {{ this }}
{{ forgotten_for_good() }}
{%- else -%}
delete from {{ this }} as kept
where not exists (
    select 1
    from {{ ref('int_use_states__' ~ system) }} as states
    where kept.usage_date = states.usage_date and kept._load = {{ day_load('states._load') }}
)
{{ forgotten_for_good() }}
{%- endif -%}
{%- endif -%}
{%- endmacro %}
