-- Corrections and late arrivals that the version before did not have, of the customers behind the restatements or of no customer at all.
insert into marts.fct_restatement_records
select distinct
    getvariable('version'),
    identity.customer_id,
    records.system,
    records.table_name,
    records.record_key,
    records.file,
    records.record_number,
    records.drop_date,
    records.prior_file,
    records.prior_record_number
from marts.dq_changed_records as records
anti join previous.marts.dq_changed_records as earlier using (system, table_name, file, record_number)
left join marts.bdg_customer_systems as identity using (account_key)
where
    records.is_shared
    or identity.customer_id in (select affected_customers.customer_id from affected_customers)
order by all;
