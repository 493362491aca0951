-- grain: one row; what the warehouse was built from
select
    as_of_date,
    reporting_currency,
    policy_hash
from marts.dim_as_of
