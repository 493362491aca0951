-- grain: one row; the data-quality strip of the home page
with accounting as (

    select
        sum(rows_in) as rows_in,
        sum(coalesce(rejected_count, 0) + coalesce(malformed_count, 0)) as rejected_count,
        bool_and(is_balanced) as is_balanced
    from marts.dq_row_accounting

),

exports as (

    select
        count(*) as export_count,
        count(*) filter (where not is_present) as absent_count
    from marts.dq_exports

),

expectations as (

    select
        count(*) as expectation_count,
        count(*) filter (where not is_met) as unmet_count
    from marts.dq_expectations

),

newest_month as (

    select max(customer_months.month_end) as month_end
    from marts.fct_customer_months as customer_months
    inner join marts.dim_as_of as as_of
        on customer_months.month_end <= as_of.as_of_date

),

matching as (

    select
        sum(customer_months.arr_amount) as arr_amount,
        coalesce(sum(customer_months.arr_amount) filter (where customers.is_unmatched), 0) as unmatched_arr_amount
    from marts.fct_customer_months as customer_months
    inner join newest_month
        on customer_months.month_end = newest_month.month_end
    left join marts.dim_customers as customers
        on customer_months.customer_id = customers.customer_id

),

final as (

    select
        accounting.rows_in,
        accounting.rejected_count,
        accounting.is_balanced,
        exports.export_count,
        exports.absent_count,
        expectations.expectation_count,
        expectations.unmet_count,
        cast(matching.unmatched_arr_amount / nullif(matching.arr_amount, 0) as decimal(18, 6)) as unmatched_arr_share
    from accounting
    cross join exports
    cross join expectations
    cross join matching

)

select * from final
