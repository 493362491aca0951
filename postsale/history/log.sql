-- Adds this version to the log, once the causes of its restatements are known.
insert into marts.fct_restatements
with explained as (
    select metric_key, period_grain, period_end, dimension, member, sum(numerator_delta) as numerator_delta
    from marts.fct_restatement_causes
    where version = getvariable('version')
    group by metric_key, period_grain, period_end, dimension, member
),

counted as (
    select metric_key, period_grain, period_end, dimension, count(distinct (subject_type, subject_id)) as subject_count
    from marts.fct_restatement_causes
    where version = getvariable('version')
    group by metric_key, period_grain, period_end, dimension
),

judged as (
    select
        compared.*,
        counted.subject_count,
        publication.prior_as_of_date,
        publication.as_of_date,
        publication.is_policy_changed,
        case
            when publication.is_policy_changed then 'policy'
            when compared.numerator is null and compared.last_numerator is null then 'months'
            when
                compared.dimension in (
                    'segment', 'region', 'channel', 'tenure_band', 'product_family', 'contract_kind', 'feature', 'role', 'service_line', 'survey'
                )
                then 'members'
            when
                getvariable('is_traceable')
                and coalesce(explained.numerator_delta, 0) = coalesce(compared.numerator, 0) - coalesce(compared.last_numerator, 0)
                then 'subjects'
            else 'unknown'
        end as cause
    from compared
    cross join publication
    left join explained using (metric_key, period_grain, period_end, dimension, member)
    left join counted using (metric_key, period_grain, period_end, dimension)
    where compared.is_restated
)

select
    getvariable('version'),
    metric_key,
    period_grain,
    period_end,
    dimension,
    member,
    first_value,
    first_version,
    first_as_of_date,
    last_value,
    value,
    value - last_value,
    value - first_value,
    last_numerator,
    numerator,
    last_denominator,
    denominator,
    value is distinct from last_value,
    case when is_policy_changed then 'policy' else 'data' end,
    cause,
    case when cause = 'subjects' then coalesce(subject_count, 0) end,
    prior_as_of_date,
    as_of_date
from judged
order by all;

insert into marts.fct_published_values
select
    metric_key,
    period_grain,
    period_end,
    dimension,
    member,
    first_value,
    first_numerator,
    first_denominator,
    first_version,
    first_as_of_date,
    first_policy_hash,
    case when is_restated then value else last_value end,
    case when is_restated then numerator else last_numerator end,
    case when is_restated then denominator else last_denominator end,
    case when is_restated then getvariable('version') else last_changed_version end,
    case when is_restated then value - first_value else delta_since_close end,
    restatement_count + cast(is_restated as integer)
from compared

union all

select
    newly_final.metric_key,
    newly_final.period_grain,
    newly_final.period_end,
    newly_final.dimension,
    newly_final.member,
    newly_final.value,
    newly_final.numerator,
    newly_final.denominator,
    publication.version,
    publication.as_of_date,
    publication.policy_hash,
    newly_final.value,
    newly_final.numerator,
    newly_final.denominator,
    publication.version,
    newly_final.value - newly_final.value,
    0
from newly_final
cross join publication
order by all;

insert into marts.fct_publications
select
    publication.version,
    publication.as_of_date,
    publication.policy_hash,
    case when publication.is_policy_changed then getvariable('policy_changes') end,
    publication.is_history_start,
    publication.is_look_back,
    (select count(*) from marts.fct_published_values),
    (select count(*) from newly_final),
    (select count(*) from marts.fct_restatements where version = publication.version)
from publication;
