-- The policies that differ from those of the version before, as one text; with the day of the exchange rates, which policy derives.
with earlier as (
    select var_name, var_value from previous.marts.dim_policy
    union all
    select 'day of the exchange rates in force' as var_name, cast(fx_rate_date as varchar) as var_value from previous.marts.dim_as_of
),

later as (
    select var_name, var_value from marts.dim_policy
    union all
    select 'day of the exchange rates in force' as var_name, cast(fx_rate_date as varchar) as var_value from marts.dim_as_of
)

select
    string_agg(
        concat(var_name, ': ', coalesce(earlier.var_value, 'none'), ' → ', coalesce(later.var_value, 'none')), '; '
        order by var_name
    )
from earlier
full join later using (var_name)
where earlier.var_value is distinct from later.var_value
