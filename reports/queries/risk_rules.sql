-- grain: one rule by which a customer is at risk or to be watched, in the order in which they are asked
select
    rule_key,
    risk_class,
    reason,
    instruction
from marts.dim_risk_rules
where is_active
order by case risk_class when 'defecting' then 1 when 'reducing' then 2 else 3 end, rule_order, rule_key
