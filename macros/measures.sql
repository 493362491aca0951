{#
    Measures: every metric that is a ratio of sums or an amount, written once. The ratios of a theme sum them, fct_metric_contributions
    lists them. A measure is a dictionary over the columns of one fact:
      key                 metric key
      numerator           SQL of the subject's part
      denominator         SQL of the subject's part; none marks an amount
      subject             condition under which a subject counts
      excluded            reason given where it does not
      known               condition under which its parts are known; where they are not, it is left out and lowers coverage
      covered             condition under which a subject that counts lowers no coverage; of a mix with a member `unknown`
      dimension, member   of a metric that has a dimension of its own, such as a mix by reason
      units, known_units  things of a subject that coverage counts, and those of them that are known; one a subject if absent
      covered_units       those of `units` that lower no coverage, where n counts other things (known_units); known_units if absent
      grains              period grains it is made in, as a list in SQL; all if absent
#}

{# Measures that do not say when their parts are known are known under this condition. #}
{% macro known_by_default(measures, condition) -%}
{%- for measure in measures if 'known' not in measure -%}{%- do measure.update(known=condition) -%}{%- endfor -%}
{{ return(measures) }}
{%- endmacro %}

{# Name of a measure in wide sums: its key, and dimension and member where the metric has dimensions of its own. #}
{% macro measure_name(measure) -%}
    {{ measure.key }}{{ '_' ~ measure.dimension ~ '_' ~ measure.member if measure.member }}
{%- endmacro %}

{# The measures that are written out: all of them, but for the linter, to which one text many times over says nothing more than twice. #}
{% macro rendered(measures) -%}
{{ return(measures[:2] if target.name == 'lint' else measures) }}
{%- endmacro %}

{# Sums of measures over a fact: numerator, denominator, subjects counted and subjects eligible, side by side. #}
{% macro sum_measures(measures) -%}
    {%- for measure in rendered(measures) %}
    {%- set eligible = '(' ~ measure.subject ~ ')' ~ (' and period_grain in ' ~ measure.grains if measure.grains else '') %}
    {%- set counted = eligible ~ ' and (' ~ measure.known ~ ')' if measure.known else eligible %}
    cast(sum(case when {{ counted }} then {{ measure.numerator }} else 0 end) as decimal(28, 6)) as {{ measure_name(measure) }}_numerator,
    {% if measure.denominator is none -%}
    cast(null as decimal(28, 6))
    {%- else -%}
    cast(sum(case when {{ counted }} then {{ measure.denominator }} else 0 end) as decimal(28, 6))
    {%- endif %} as {{ measure_name(measure) }}_denominator,
    {%- if measure.units %}
    cast(coalesce(sum(case when {{ counted }} then {{ measure.known_units }} end), 0) as bigint) as {{ measure_name(measure) }}_subjects,
    cast(coalesce(sum(case when {{ counted }} then {{ measure.covered_units or measure.known_units }} end), 0) as bigint)
        as {{ measure_name(measure) }}_covered,
    cast(coalesce(sum(case when {{ eligible }} then {{ measure.units }} end), 0) as bigint) as {{ measure_name(measure) }}_eligible{{ ',' if not loop.last }}
    {%- else %}
    count(case when {{ counted }} then 1 end) as {{ measure_name(measure) }}_subjects,
    count(case when {{ counted }}{{ ' and (' ~ measure.covered ~ ')' if measure.covered }} then 1 end) as {{ measure_name(measure) }}_covered,
    count(case when {{ eligible }} then 1 end) as {{ measure_name(measure) }}_eligible{{ ',' if not loop.last }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The same sums added up over fewer dimensions or more months. #}
{% macro sum_measures_again(measures) -%}
    {%- for measure in rendered(measures) %}
    {%- for part, data_type in (('numerator', 'decimal(28, 6)'), ('denominator', 'decimal(28, 6)'), ('subjects', 'bigint'), ('covered', 'bigint'), ('eligible', 'bigint')) %}
    cast(sum({{ measure_name(measure) }}_{{ part }}) as {{ data_type }}) as {{ measure_name(measure) }}_{{ part }}{{ ',' if not loop.last }}
    {%- endfor %}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    Two steps of a query over a fact that has the columns in `keys` and `dimensions`: finest_sums, which reads the many rows once, and
    member_sums, which adds them up for the total and for every member of every dimension.
#}
{% macro sums_by_member(relation, keys, dimensions, measures) -%}
finest_sums as (
    select
        {{ keys | join(', ') }},
        {{ dimensions | join(', ') }},
        {{ sum_measures(measures) }}
    from {{ relation }}
    group by {{ (keys + dimensions) | join(', ') }}
),

member_sums as (
    select
        {{ keys | join(', ') }},
        case
            {%- for dimension in dimensions %}
            when grouping({{ dimension }}) = 0 then '{{ dimension }}'
            {%- endfor %}
            else 'all'
        end as dimension,
        coalesce({{ dimensions | join(', ') }}, 'all') as member,
        {{ sum_measures_again(measures) }}
    from finest_sums
    group by grouping sets (
        ({{ keys | join(', ') }})
        {%- for dimension in dimensions %},
        ({{ keys | join(', ') }}, {{ dimension }})
        {%- endfor %}
    )
)
{%- endmacro %}

{# Step of a query: the rows of a fact of customers with the customer's own segment, region and channel; unknown where nobody knows it. #}
{% macro subjects_with_customers(fact) -%}
subjects as (
    select
        facts.*,
        coalesce(customers.segment, 'unknown') as segment,
        coalesce(customers.region, 'unknown') as region,
        coalesce(customers.channel, 'unknown') as channel
    from {{ ref(fact) }} as facts
    left join {{ ref('dim_customers') }} as customers on facts.customer_id = customers.customer_id
)
{%- endmacro %}

{# Sums at month-ends, as sums_by_member makes them by month_end: a balance at the end of a quarter or year is that of its last month. #}
{% macro sums_at_period_ends() -%}
period_sums as (
    select member_sums.*, periods.period_grain, periods.period_end
    from member_sums
    inner join periods on member_sums.month_end = periods.period_end
)
{%- endmacro %}

{# Sums of months, as sums_by_member makes them by month_number, added up to the periods that the months lie in. #}
{% macro sums_of_periods(measures) -%}
period_sums as (
    select
        periods.period_grain,
        periods.period_end,
        periods.is_provisional,
        member_sums.dimension,
        member_sums.member,
        {{ sum_measures_again(measures) }}
    from member_sums
    inner join periods
        on member_sums.month_number > periods.opening_month_number and member_sums.month_number <= periods.closing_month_number
    group by periods.period_grain, periods.period_end, periods.is_provisional, member_sums.dimension, member_sums.member
)
{%- endmacro %}

{#
    The last steps of a ratios model: wide sums by period, dimension and member, made long. One row a measure that has any subject;
    coverage is the share of them that is known.
#}
{% macro ratios_of_sums(relation, measures) -%}
measures as (
    {{ list_of(measures) }}
),

repeated as (
    select
        sums.*,
        measures.measure_number,
        measures.metric_key,
        measures.own_dimension,
        measures.own_member
    from {{ relation }} as sums
    inner join measures on measures.own_dimension is null or sums.dimension = 'all'
),

long as (
    select
        metric_key,
        period_grain,
        period_end,
        coalesce(own_dimension, dimension) as dimension,
        coalesce(own_member, member) as member,
        {%- for part in ('numerator', 'denominator', 'subjects', 'covered', 'eligible') %}
        case measure_number
            {%- for measure in rendered(measures) %}
            when {{ loop.index }} then {{ measure_name(measure) }}_{{ part }}
            {%- endfor %}
        end as {{ part }},
        {%- endfor %}
        is_provisional
    from repeated
),

final as (
    select
        metric_key,
        period_grain,
        period_end,
        dimension,
        member,
        cast(numerator as decimal(28, 6)) as numerator,
        cast(denominator as decimal(28, 6)) as denominator,
        cast(subjects as bigint) as subject_count,
        cast(covered / cast(eligible as double) as decimal(18, 6)) as coverage,
        is_provisional
    from long
    where eligible > 0
)
{%- endmacro %}

{# The measures as rows, numbered in their order. #}
{% macro list_of(measures) -%}
    {%- for measure in rendered(measures) %}
    select
        {{ loop.index }} as measure_number,
        '{{ measure.key }}' as metric_key,
        cast({{ "'" ~ measure.dimension ~ "'" if measure.dimension else 'null' }} as {{ dbt.type_string() }}) as own_dimension,
        cast({{ "'" ~ measure.member ~ "'" if measure.member else 'null' }} as {{ dbt.type_string() }}) as own_member
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    Every subject of a fact in every measure of it: its parts, and whether and why it is left out. The fact has period_grain and
    period_end. One step for all measures: whoever asks for one metric reads the fact once.
#}
{% macro contributions_to(measures, relation, subject_type, subject_id) -%}
    select
        listed.metric_key,
        subjects.period_grain,
        subjects.period_end,
        coalesce(listed.own_dimension, 'all') as dimension,
        coalesce(listed.own_member, 'all') as member,
        '{{ subject_type }}' as subject_type,
        subjects.{{ subject_id }} as subject_id,
        case listed.measure_number
            {%- for measure in rendered(measures) %}
            when {{ loop.index }} then cast({{ measure.numerator }} as decimal(28, 6))
            {%- endfor %}
        end as numerator,
        case listed.measure_number
            {%- for measure in rendered(measures) %}
            when {{ loop.index }} then cast({{ measure.denominator if measure.denominator is not none else 'null' }} as decimal(28, 6))
            {%- endfor %}
        end as denominator,
        cast(
            case listed.measure_number
                {%- for measure in rendered(measures) %}
                when {{ loop.index }} then ({{ measure.subject }}){{ ' and (' ~ measure.known ~ ')' if measure.known }}
                {%- endfor %}
            end as boolean
        ) as is_included,
        case
            {%- for measure in rendered(measures) %}
            when listed.measure_number = {{ loop.index }} and not ({{ measure.subject }}) then '{{ measure.excluded }}'
            {%- if measure.known %}
            when listed.measure_number = {{ loop.index }} and not ({{ measure.known }}) then 'unknown'
            {%- endif %}
            {%- endfor %}
        end as exclusion_reason
    from {{ relation }} as subjects
    inner join (
        {{ list_of(measures) }}
    ) as listed
        on
            true
            {%- for measure in rendered(measures) if measure.grains %}
            and (listed.metric_key <> '{{ measure.key }}' or subjects.period_grain in {{ measure.grains }})
            {%- endfor %}
{%- endmacro %}
