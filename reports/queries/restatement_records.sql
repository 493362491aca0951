-- grain: one version and record of a dated drop that may be behind its restatements; the first hundred of each version
with ranked as (

    select
        records.*,
        coalesce(customers.customer_name, records.customer_id) as customer_name,
        count(*) over (partition by records.version) as row_count,
        row_number() over (
            partition by records.version
            order by records.prior_file is null asc, records.customer_id asc nulls last, records.file asc, records.record_number asc
        ) as row_rank
    from marts.fct_restatement_records as records
    left join marts.dim_customers as customers
        on records.customer_id = customers.customer_id

)

select *
from ranked
where row_rank <= 100
order by version desc, row_rank
