-- grain: one active customer with licences and month-end
with adoption_months as (
    select * from {{ ref('fct_adoption_months') }} where sold_quantity is not null
),

opened as (
    select * from {{ ref('fct_case_events') }} where event = 'opened'
),

months as (
    select * from {{ ref('int_months') }}
),

unmatched_feeds as (
    select * from {{ ref('int_unmatched_feeds') }} where record_kind = 'cases'
),

begun as (
    select min(month_number) as first_month_number from opened where case_reason is not null
),

asked as (
    select
        customer_id,
        month_number,
        count(case when case_reason = 'how_to' then 1 end) as howto_case_count,
        count(case when case_reason is null then 1 end) as unclassified_case_count
    from opened
    group by customer_id, month_number
),

years as (
    select
        asked.customer_id,
        months.month_end,
        sum(asked.howto_case_count) as howto_case_count,
        sum(asked.unclassified_case_count) as unclassified_case_count
    from months
    inner join asked on asked.month_number > months.month_number - 12 and asked.month_number <= months.month_number
    group by asked.customer_id, months.month_end
),

-- Of months before the first case that has a reason nobody knows who asked how, and neither of who matches nobody until a case tells of it.
counted as (
    select
        adoption_months.customer_id,
        adoption_months.month_end,
        case
            when coalesce(unmatched_feeds.told_from_date > months.month_end, unmatched_feeds.customer_id is not null) then null
            -- What nobody classified may have been a question how to do something.
            when years.howto_case_count = 0 and years.unclassified_case_count > 0 then null
            when months.month_number - 11 >= begun.first_month_number then coalesce(years.howto_case_count, 0)
        end as howto_case_count,
        adoption_months.known_sold_quantity,
        adoption_months.adopted_quantity,
        adoption_months.is_provisional
    from adoption_months
    inner join months on adoption_months.month_end = months.month_end
    cross join begun
    left join unmatched_feeds on adoption_months.customer_id = unmatched_feeds.customer_id
    left join years on adoption_months.customer_id = years.customer_id and adoption_months.month_end = years.month_end
),

final as (
    select
        customer_id,
        month_end,
        cast(howto_case_count as bigint) as howto_case_count,
        case
            when howto_case_count = 0 then 'none'
            when howto_case_count <= 2 then 'some'
            when howto_case_count > 2 then 'many'
            else 'unknown'
        end as howto_band,
        known_sold_quantity,
        adopted_quantity,
        is_provisional
    from counted
)

select * from final
