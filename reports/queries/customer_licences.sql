-- grain: one customer with a page and product family with licences counted by seats, at the newest complete month-end
select
    licences.customer_id,
    licences.product_family,
    licences.sold_quantity,
    licences.adopted_quantity,
    licences.arr_amount,
    licences.shelfware_amount,
    licences.measurement_source
from marts.fct_license_months as licences
inner join marts.fct_customer_profiles as profiles
    on
        licences.customer_id = profiles.customer_id
        and licences.month_end = profiles.month_end
where profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
order by licences.customer_id, licences.arr_amount desc nulls last, licences.product_family
