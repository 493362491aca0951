-- grain: one expectation of the audit that was not met, critical ones first
select
    expectation,
    relation,
    "column" as column_name,
    severity,
    observed,
    expected
from marts.dq_expectations
where not is_met
order by severity, relation, expectation, column_name nulls first
