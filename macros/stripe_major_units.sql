{# Stripe writes money as a number of minor units. Exact decimals, hence no power(); every currency outside seed currency_exponents has hundredths. #}
{% macro stripe_major_units(minor_amount, exponent) -%}
    cast(
        case coalesce({{ exponent }}, 2)
            when 0 then {{ minor_amount }}
            when 3 then {{ minor_amount }} * 0.001
            else {{ minor_amount }} * 0.01
        end as decimal(20, 8)
    )
{%- endmacro %}
