-- grain: one release in the newest complete month; the fifteen with most defect cases for each seat
with shown as (

    select *
    from marts.fct_release_defects
    where defect_rate is not null
    qualify rank() over (order by coalesce(is_provisional, false) asc, month_end desc) = 1

)

select
    coalesce(release_label, release_name) as release_label,
    month_end,
    defect_case_count,
    sold_quantity,
    defect_rate,
    limit_rate,
    coalesce(is_above_limit, false) as is_above_limit,
    count(*) over () as release_count,
    count(*) filter (where is_above_limit) over () as above_limit_count
from shown
qualify row_number() over (order by is_above_limit desc nulls last, defect_rate desc, release_label asc) <= 15
order by is_above_limit desc, defect_rate desc, release_label
