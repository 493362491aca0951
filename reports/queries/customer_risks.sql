-- grain: one risk of one customer with a page that is recorded and still open, newest first
select
    events.customer_id,
    events.event_date as opened_date,
    events.detail as risk_type,
    events.qualifier as risk_reason
from marts.fct_customer_timeline as events
inner join marts.fct_customer_profiles as profiles
    on events.customer_id = profiles.customer_id
where
    profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
    and events.event_kind = 'risk_opened'
    and events.is_open
order by events.customer_id, events.event_number
