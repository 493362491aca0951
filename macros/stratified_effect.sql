{#
    The effect of a treatment: what changed at the treated, less what changed at untreated subjects of the same stratum.

    stratified_effect(relation, keys, periods) gives the steps of a query that end in `effects`. The relation has the columns in keys and
      stratum             text: treated and controls are compared within it alone; a control may stand in several strata
      subject_id
      is_treated
      outcome             change or level; null where unknown, which leaves a treated subject without a match
      post_outcome        level afterwards, for the raw gap; of a level the outcome itself
      placebo_outcome     change before the treatment, which must show nothing; null where there is none
    With `periods` (name of a relation with period_grain, period_end, is_provisional, opening_month_number and closing_month_number) the
    relation also has month_number, one row a subject, month and key at most, and strata lie within a month; effects are made for every
    period from the strata whose month lies in it.

    `effects` has one row a key (and period):
      n_treated_all, n_treated, n_control     treated subjects, those with a control in their stratum, distinct controls of those strata
      coverage                                n_treated ÷ n_treated_all
      raw_gap                                 mean level afterwards of the treated less that of all untreated
      effect, ci_low, ci_high                 mean over the matched treated of their outcome less the mean of the controls of the stratum
      placebo_effect, placebo_ci_low, placebo_ci_high     the same of what happened before
      is_enough                               enough treated, enough controls, a variance of controls, and half of the treated matched

    se = √( var_samp(e) ÷ N + s² · Σ w² ÷ n ): e a treated subject's outcome less its stratum's mean of controls, N the matched treated,
    s² the pooled variance of controls within strata, w a stratum's share of the treated, n its controls. Outcomes are read at six places,
    as readers see them, and summed as decimals: a sum of doubles would depend on the order of rows.
#}
{% macro stratified_effect(relation, keys, periods=none) -%}
{%- set month = ['month_number'] if periods else [] -%}
{%- set pooled_keys = keys + (['period_grain', 'period_end', 'is_provisional'] if periods else []) -%}
{%- set parts = [('effect', 'outcome'), ('placebo', 'placebo_outcome')] -%}
{%- set pool -%}
    {%- if periods %}
    inner join {{ periods }} as pools
        on strata.month_number > pools.opening_month_number and strata.month_number <= pools.closing_month_number
    {%- endif %}
{%- endset -%}
effect_rows as (
    select
        {{ (keys + month) | join(', ') }},
        stratum,
        subject_id,
        is_treated,
        {%- for column in ('outcome', 'post_outcome', 'placebo_outcome') %}
        cast(round({{ column }}, 6) as decimal(18, 6)) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
),

effect_sums as (
    select
        {{ (keys + month) | join(', ') }},
        stratum,
        cast(count(case when is_treated then 1 end) as bigint) as n_treated_all,
        {%- for side, condition in (('treated', 'is_treated'), ('control', 'not is_treated')) %}
        cast(count(case when {{ condition }} then post_outcome end) as bigint) as {{ side }}_post_count,
        cast(sum(case when {{ condition }} then post_outcome else 0 end) as decimal(28, 6)) as {{ side }}_post_sum,
        {%- set outer_last = loop.last -%}
        {%- for part, column in parts %}
        cast(count(case when {{ condition }} then {{ column }} end) as double) as {{ side }}_{{ part }}_count,
        cast(coalesce(sum(case when {{ condition }} then {{ column }} end), 0) as double) as {{ side }}_{{ part }}_sum,
        cast(coalesce(sum(case when {{ condition }} then cast({{ column }} * {{ column }} as decimal(38, 12)) end), 0) as double)
            as {{ side }}_{{ part }}_squares{{ ',' if not (outer_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from effect_rows
    group by {{ (keys + month) | join(', ') }}, stratum
),

-- A stratum tells something where it has both sides; without, its numbers are null.
effect_strata as (
    select
        {{ (keys + month) | join(', ') }},
        stratum,
        n_treated_all,
        treated_post_count,
        treated_post_sum,
        control_post_count,
        control_post_sum,
        {%- for part, column in parts %}
        {%- set is_matched = 'treated_' ~ part ~ '_count > 0 and control_' ~ part ~ '_count > 0' %}
        case when {{ is_matched }} then treated_{{ part }}_count end as {{ part }}_treated,
        case when {{ is_matched }} then control_{{ part }}_count end as {{ part }}_controls,
        case
            when {{ is_matched }}
                then treated_{{ part }}_sum / treated_{{ part }}_count - control_{{ part }}_sum / control_{{ part }}_count
        end as {{ part }}_mean,
        case
            when {{ is_matched }}
                then greatest(treated_{{ part }}_squares - treated_{{ part }}_sum * treated_{{ part }}_sum / treated_{{ part }}_count, 0)
        end as {{ part }}_treated_deviation,
        case
            when {{ is_matched }}
                then greatest(control_{{ part }}_squares - control_{{ part }}_sum * control_{{ part }}_sum / control_{{ part }}_count, 0)
        end as {{ part }}_control_deviation{{ ',' if not loop.last }}
        {%- endfor %}
    from effect_sums
),

pooled_strata as (
    select
        {%- for key in keys %}
        strata.{{ key }},
        {%- endfor %}
        {%- if periods %}
        pools.period_grain,
        pools.period_end,
        pools.is_provisional,
        {%- endif %}
        strata.n_treated_all,
        strata.treated_post_count,
        strata.treated_post_sum,
        strata.control_post_count,
        strata.control_post_sum,
        {%- for part, column in parts %}
        strata.{{ part }}_treated,
        strata.{{ part }}_controls,
        strata.{{ part }}_mean,
        strata.{{ part }}_treated_deviation,
        strata.{{ part }}_control_deviation{{ ',' if not loop.last }}
        {%- endfor %}
    from effect_strata as strata
    {{- pool }}
),

effect_means as (
    select
        {{ pooled_keys | join(', ') }},
        cast(sum(n_treated_all) as bigint) as n_treated_all,
        cast(sum(treated_post_sum) as double) / nullif(cast(sum(treated_post_count) as double), 0)
        - cast(sum(control_post_sum) as double) / nullif(cast(sum(control_post_count) as double), 0) as raw_gap,
        {%- for part, column in parts %}
        coalesce(cast(sum(cast({{ part }}_treated as bigint)) as double), 0) as {{ part }}_n,
        cast(sum(cast({{ part }}_treated * {{ part }}_mean as decimal(28, 12))) as double)
        / nullif(cast(sum(cast({{ part }}_treated as bigint)) as double), 0) as {{ part }}_mean{{ ',' if not loop.last }}
        {%- endfor %}
    from pooled_strata
    group by {{ pooled_keys | join(', ') }}
),

effect_variances as (
    select
        {%- for key in pooled_keys %}
        effect_means.{{ key }},
        {%- endfor %}
        {%- for part, column in parts %}
        cast(
            sum(
                cast(
                    strata.{{ part }}_treated_deviation
                    + strata.{{ part }}_treated
                    * (strata.{{ part }}_mean - effect_means.{{ part }}_mean) * (strata.{{ part }}_mean - effect_means.{{ part }}_mean)
                    as decimal(28, 12)
                )
            ) as double
        ) / nullif(effect_means.{{ part }}_n - 1, 0) as {{ part }}_treated_variance,
        cast(sum(cast(strata.{{ part }}_control_deviation as decimal(28, 12))) as double)
        / nullif(cast(sum(cast(strata.{{ part }}_controls - 1 as bigint)) as double), 0) as {{ part }}_control_variance,
        cast(sum(cast(strata.{{ part }}_treated * strata.{{ part }}_treated / strata.{{ part }}_controls as decimal(28, 12))) as double)
        / nullif(effect_means.{{ part }}_n * effect_means.{{ part }}_n, 0) as {{ part }}_control_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from effect_means
    inner join pooled_strata as strata
        on
            {%- for key in pooled_keys %}
            {{ 'and ' if not loop.first }}effect_means.{{ key }} = strata.{{ key }}
            {%- endfor %}
    group by
        {%- for key in pooled_keys %}
        effect_means.{{ key }},
        {%- endfor %}
        effect_means.effect_n,
        effect_means.placebo_n
),

matched_controls as (
    select
        {%- for key in keys + month %}
        effect_rows.{{ key }},
        {%- endfor %}
        effect_rows.subject_id
    from effect_rows
    inner join effect_strata
        on
            {%- for key in keys + month %}
            effect_rows.{{ key }} = effect_strata.{{ key }} and
            {%- endfor %}
            effect_rows.stratum = effect_strata.stratum
    where not effect_rows.is_treated and effect_rows.outcome is not null and effect_strata.effect_controls > 0
),

{% if periods -%}
-- A control counts once in a period: in the last of its months there.
control_months as (
    select
        {{ keys | join(', ') }},
        month_number,
        lead(month_number) over (partition by {{ keys | join(', ') }}, subject_id order by month_number asc) as next_month_number
    from matched_controls
),

counted_controls as (
    select {{ keys | join(', ') }}, month_number, next_month_number, count(*) as control_count
    from control_months
    group by {{ keys | join(', ') }}, month_number, next_month_number
),

control_counts as (
    select
        {%- for key in keys %}
        strata.{{ key }},
        {%- endfor %}
        pools.period_grain,
        pools.period_end,
        pools.is_provisional,
        cast(sum(strata.control_count) as bigint) as n_control
    from counted_controls as strata
    {{- pool }}
        and (strata.next_month_number is null or strata.next_month_number > pools.closing_month_number)
    group by
        {%- for key in keys %}
        strata.{{ key }},
        {%- endfor %}
        pools.period_grain,
        pools.period_end,
        pools.is_provisional
),
{%- else -%}
control_counts as (
    select {{ keys | join(', ') }}, cast(count(distinct subject_id) as bigint) as n_control
    from matched_controls
    group by {{ keys | join(', ') }}
),
{%- endif %}

effect_estimates as (
    select
        {%- for key in pooled_keys %}
        effect_means.{{ key }},
        {%- endfor %}
        effect_means.n_treated_all,
        cast(effect_means.effect_n as bigint) as n_treated,
        coalesce(control_counts.n_control, 0) as n_control,
        effect_means.effect_n / nullif(cast(effect_means.n_treated_all as double), 0) as coverage,
        effect_means.raw_gap,
        {%- for part, column in parts %}
        effect_means.{{ part }}_mean,
        sqrt(
            effect_variances.{{ part }}_treated_variance / nullif(effect_means.{{ part }}_n, 0)
            + effect_variances.{{ part }}_control_variance * effect_variances.{{ part }}_control_weight
        ) as {{ part }}_error{{ ',' if not loop.last }}
        {%- endfor %}
    from effect_means
    inner join effect_variances
        on
            {%- for key in pooled_keys %}
            {{ 'and ' if not loop.first }}effect_means.{{ key }} = effect_variances.{{ key }}
            {%- endfor %}
    left join control_counts
        on
            {%- for key in pooled_keys %}
            {{ 'and ' if not loop.first }}effect_means.{{ key }} = control_counts.{{ key }}
            {%- endfor %}
),

effects as (
    select
        {{ pooled_keys | join(', ') }},
        n_treated_all,
        n_treated,
        n_control,
        cast(round(coverage, 6) as decimal(18, 6)) as coverage,
        cast(round(raw_gap, 6) as decimal(18, 6)) as raw_gap,
        cast(round(effect_mean, 6) as decimal(18, 6)) as effect,
        cast(round(effect_mean - 1.959964 * effect_error, 6) as decimal(18, 6)) as ci_low,
        cast(round(effect_mean + 1.959964 * effect_error, 6) as decimal(18, 6)) as ci_high,
        cast(round(placebo_mean, 6) as decimal(18, 6)) as placebo_effect,
        cast(round(placebo_mean - 1.959964 * placebo_error, 6) as decimal(18, 6)) as placebo_ci_low,
        cast(round(placebo_mean + 1.959964 * placebo_error, 6) as decimal(18, 6)) as placebo_ci_high,
        cast(
            coalesce(
                n_treated >= {{ var('effect_min_n') }}
                and n_control >= {{ var('effect_min_n') }}
                and effect_error is not null
                and 2 * n_treated >= n_treated_all, false
            ) as boolean
        ) as is_enough
    from effect_estimates
)
{%- endmacro %}

{#
    What the evidence says of a row of `effects`: expected_side is SQL of `up` or `down`, has_placebo SQL of whether there is a time before
    to look at, which levels (renewed, retained) do not have. A change whose time before is not known is not called supported.
#}
{% macro effect_verdict(expected_side, has_placebo='true') -%}
    case
        when not is_enough then 'insufficient_evidence'
        when
            case {{ expected_side }} when 'up' then ci_low > 0 when 'down' then ci_high < 0 end
            and (not {{ has_placebo }} or coalesce(placebo_ci_low <= 0 and placebo_ci_high >= 0, false))
            then 'supported'
        else 'not_supported'
    end
{%- endmacro %}
