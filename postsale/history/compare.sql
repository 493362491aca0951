-- What the candidate says of every value ever published as final, and the values that become final with it. Reads `kept_values` (the
-- log so far) and `last_publication` (the newest that is no look back; no row at the start).
create temp table publication as
select
    getvariable('version') as version,
    clock.as_of_date,
    clock.policy_hash,
    last_publication.version is null as is_history_start,
    coalesce(clock.as_of_date < last_publication.as_of_date, false) as is_look_back,
    last_publication.as_of_date as prior_as_of_date,
    coalesce(clock.policy_hash <> last_publication.policy_hash, false) as is_policy_changed
from marts.dim_as_of as clock
left join last_publication on true;

create temp table compared as
with metric_periods as (
    select distinct metric_key, period_grain, period_end from marts.fct_metric_values
),

found as (
    select
        kept_values.*,
        metric_values.value,
        metric_values.numerator,
        metric_values.denominator,
        -- What a metric shows of its newest period only (survival) is not taken back when the next period comes.
        metric_periods.metric_key is null and periods.period_end is not null as is_not_repeated
    from kept_values
    left join marts.fct_metric_values as metric_values using (metric_key, period_grain, period_end, dimension, member)
    left join metric_periods using (metric_key, period_grain, period_end)
    left join marts.dim_periods as periods using (period_grain, period_end)
)

select
    found.*,
    not found.is_not_repeated and not publication.is_look_back and (
        found.value is distinct from found.last_value
        or found.numerator is distinct from found.last_numerator
        or found.denominator is distinct from found.last_denominator
    ) as is_restated
from found
cross join publication;

create temp table newly_final as
select metric_values.*
from marts.fct_metric_values as metric_values
cross join publication
where
    not metric_values.is_provisional
    and not publication.is_look_back
    and not exists (
        select 1
        from kept_values
        where
            kept_values.metric_key = metric_values.metric_key
            and kept_values.period_grain = metric_values.period_grain
            and kept_values.period_end = metric_values.period_end
            and kept_values.dimension = metric_values.dimension
            and kept_values.member = metric_values.member
    );

-- The parts of metrics whose subjects fct_metric_contributions lists, where a value changed: the causes are looked for in these alone.
create temp table restated_parts as
select distinct metric_key, period_grain, period_end, dimension
from compared
where is_restated and dimension not in (
        'segment', 'region', 'channel', 'tenure_band', 'product_family', 'contract_kind', 'feature', 'role', 'service_line', 'survey'
    );
