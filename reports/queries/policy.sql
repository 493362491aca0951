-- grain: one policy var
select
    var_name,
    var_value,
    meaning
from marts.dim_policy
order by var_name
