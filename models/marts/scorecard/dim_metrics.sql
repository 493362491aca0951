-- grain: one metric and inventory row it answers
-- noqa: disable=LT05
{%- set renewals = (renewal_measures() + customer_renewal_measures() + attached_due_measures() + winback_measures())
    | map(attribute='key') | unique | list + value_renewal_measures() | map(attribute='key') | unique | list
    + ['rep_contract_renewal_rate', 'renewal_by_rep_competency'] %}
{%- set attaches = service_sale_measures() | map(attribute='key') | unique | list
    + ['rep_service_attach_rate', 'attach_by_rep_competency'] %}
with catalog as (
    select * from {{ ref('metric_catalog') }}
),

final as (
    select
        row_id,
        metric_key,
        theme,
        is_headline,
        title,
        question,
        definition,
        subject,
        unit,
        direction,
        format,
        kind,
        -- Policy: the window of the headline, where the catalogue has the trailing twelve months.
        case
            when headline_grain = 't12m' and kind = 'window'
                then '{{ {1: "month", 3: "quarter", 12: "t12m"}[var("headline_window_months")] }}'
            else headline_grain
        end as headline_grain,
        n_counts,
        interval_method,
        -- Policy: a renewal may come until the grace is over.
        case
            when
                metric_key in (
                    {%- for key in renewals %}
                    '{{ key }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then {{ var('renewal_grace_days') }}
            -- … a service may be attached as long as that counts …
            when metric_key in ('{{ attaches | join("', '") }}') then {{ var('attach_window_days') }}
            -- … and an answer to a warning until its time is over.
            when metric_key like 'early_warning_response%' then {{ var('intervention_sla_days') }}
            else maturity_days
        end as maturity_days,
        cast(least(coalesce(min_coverage, {{ var('min_coverage') }}), {{ var('min_coverage') }}) as decimal(18, 6)) as min_coverage,
        needs,
        is_additive
    from catalog
)

select * from final
