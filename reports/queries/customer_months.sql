-- grain: one customer with a page and month-end; annual recurring revenue of the last 36 complete month-ends
select
    customer_months.customer_id,
    customer_months.month_end,
    customer_months.arr_amount
from marts.fct_customer_months as customer_months
inner join marts.fct_customer_profiles as profiles
    on customer_months.customer_id = profiles.customer_id
where
    profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
    and customer_months.month_end <= profiles.month_end
    and customer_months.month_end > last_day(profiles.month_end - interval 36 month)
order by customer_months.customer_id, customer_months.month_end
