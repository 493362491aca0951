-- grain: one event of one customer with a page; the newest sixty of each, with the number of all
select
    events.customer_id,
    events.event_date,
    events.event_kind,
    events.detail,
    events.qualifier,
    events.score,
    events.event_amount,
    events.is_open,
    count(*) over (partition by events.customer_id) as event_count
from marts.fct_customer_timeline as events
inner join marts.fct_customer_profiles as profiles
    on events.customer_id = profiles.customer_id
where profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
qualify events.event_number <= 60
order by events.customer_id, events.event_number
