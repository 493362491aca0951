{#
    A key for something personal: the same text gives the same key, and nobody who lacks the salt can try out texts.
    SHA-256 in hexadecimal of salt, bar and text; the same on every engine; null stays null.
    The salt comes from the environment (see profiles.yml) as a variable of the session, so it stands in no SQL, log or manifest.
    Only for models that are tables: a view would be hashed anew by whoever reads it, without the salt.
#}
{% macro hashed_key(expression) %}{{ return(adapter.dispatch('hashed_key')(expression)) }}{% endmacro %}
{% macro default__hashed_key(expression) %}sha256(coalesce(getvariable('postsale_salt'), '') || '|' || cast({{ expression }} as {{ dbt.type_string() }})){% endmacro %}
{% macro spark__hashed_key(expression) %}sha2('${spark.postsale.salt}' || '|' || cast({{ expression }} as {{ dbt.type_string() }}), 256){% endmacro %}

{# The words of a loss reason as a key: they may be free text about people. Case and outer blanks do not matter. #}
{% macro reason_key(words) -%}
    {{ hashed_key(lower_case(trimmed(words))) }}
{%- endmacro %}
