-- grain: one customer and month-end with recurring contract lines in force, or lapsed and not renewed
with recurring_lines as (
    select * from {{ ref('int_recurring_lines') }} where mrr_amount > 0
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }} where exclusion_reason is null
),

segments as (
    select * from {{ ref('int_recurring_segments') }}
),

loss_reasons as (
    select * from {{ ref('int_loss_reasons') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- A contract and product may be cut into segments of one price each: what its last one ends by is what was said of all of them.
lines as (
    select
        *,
        first_value(end_date) over last_first as last_end_date,
        first_value(cancel_requested_date) over last_first as notice_date,
        first_value(is_cancelled) over last_first as is_ended_by_notice
    from recurring_lines
    where not is_bridged
    window last_first as (
        partition by customer_id, coalesce(contract_key, contract_line_id), product_key
        order by start_date desc, contract_line_id desc
        rows between unbounded preceding and unbounded following
    )
),

renewals as (
    select renewal_of_contract_key as contract_key, min(coalesce(recorded_date, date '0001-01-01')) as known_date
    from contract_lines
    where renewal_of_contract_key is not null and renewal_of_contract_key <> contract_key
    group by renewal_of_contract_key
),

billed_contracts as (
    select distinct contract_key from lines where contract_key is not null
),

-- A lost renewal is a notice, too. One of a contract that only the CRM knows by that name is the customer's.
lost_renewals as (
    select
        identity.customer_id,
        billed_contracts.contract_key,
        loss_reasons.reason_date,
        greatest(loss_reasons.reason_date, coalesce(loss_reasons.recorded_date, loss_reasons.reason_date)) as known_date
    from loss_reasons
    inner join identity on loss_reasons.account_key = identity.account_key
    left join billed_contracts on loss_reasons.contract_key = billed_contracts.contract_key
    where loss_reasons.reason_source = 'crm_renewal' and loss_reasons.reason_date is not null
),

lost_lines as (
    select lines.contract_line_id, lines.start_date, min(lost_renewals.known_date) as lost_date
    from lines
    inner join lost_renewals
        on
            lines.customer_id = lost_renewals.customer_id
            and (
                (
                    lost_renewals.contract_key = lines.contract_key
                    and lost_renewals.reason_date >= {{ add_days('lines.last_end_date', -365) }}
                )
                or (
                    lost_renewals.contract_key is null
                    and lost_renewals.reason_date >= {{ add_days('lines.last_end_date', -90) }}
                )
            )
            and lost_renewals.reason_date <= lines.last_end_date
    group by lines.contract_line_id, lines.start_date
),

measured as (
    select
        lines.*,
        lost_lines.lost_date,
        renewals.known_date as renewal_known_date,
        {{ dbt.datediff('lines.term_start_date', 'lines.term_end_date', 'month') }} as length_months  -- noqa: LT05
    from lines
    left join lost_lines on lines.contract_line_id = lost_lines.contract_line_id and lines.start_date = lost_lines.start_date
    left join renewals on lines.contract_key = renewals.contract_key
),

termed as (
    select
        *,
        mod(length_months, 12) = 0 and {{ add_months('term_start_date', 'length_months') }} = term_end_date as is_in_whole_years
    from measured
),

in_force as (
    select
        termed.customer_id,
        termed.last_end_date,
        months.month_end,
        months.snapshot_date,
        -- Nobody knew of a notice before the day it was given, nor has one once a renewal is known.
        coalesce(
            (
                (termed.is_ended_by_notice and termed.notice_date <= months.snapshot_date)
                or termed.lost_date <= months.snapshot_date
            )
            and not coalesce(termed.renewal_known_date <= months.snapshot_date, false), false
        ) as has_notice,
        -- Terms shorter than two months renew by themselves. Where a later notice brought the end of an open-ended line, it was no term.
        case
            when
                termed.length_months >= 2
                and (
                    termed.term_end_date is distinct from termed.last_end_date
                    or not coalesce(termed.is_ended_by_notice, false)
                    or coalesce(termed.notice_date <= months.snapshot_date, false)
                    or termed.is_in_whole_years
                )
                then termed.length_months
        end as term_length,
        termed.term_start_date,
        termed.term_end_date,
        {{ dbt.datediff('months.snapshot_date', 'termed.term_end_date', 'month') }} as months_to_end  -- noqa: LT05
    from termed
    inner join months
        on termed.start_date <= months.snapshot_date and (termed.end_date is null or termed.end_date > months.snapshot_date)
),

-- Exports tell the present term only: earlier and later ones end whole terms before and after it.
counted as (
    select *, cast(floor(cast(months_to_end as double) / term_length) as integer) as terms_to_end
    from in_force
),

shifted as (
    select
        *,
        {{ add_months('term_end_date', '-term_length * terms_to_end') }} as near_end_date,
        {{ add_months('term_end_date', '-term_length * (terms_to_end - 1)') }} as next_end_date
    from counted
),

renewing as (
    select
        *,
        case
            when has_notice and last_end_date is not null then last_end_date
            when near_end_date > snapshot_date then near_end_date
            else next_end_date
        end as renews_on
    from shifted
),

by_customer as (
    select
        customer_id,
        month_end,
        count(*) as line_count,
        count(case when has_notice then 1 end) as notice_count,
        min(renews_on) as renews_on
    from renewing
    group by customer_id, month_end
),

-- Revenue that ended and had no renewal yet: bridged since, or pending still. A renewal that was known by then is none.
follow_ups as (
    select
        segments.customer_id,
        segments.start_date as gap_start_date,
        segments.end_date as gap_end_date,
        segments.is_pending,
        min(case when recurring_lines.contract_line_id is not null then coalesce(recurring_lines.recorded_date, date '0001-01-01') end)
            as known_date
    from segments
    left join recurring_lines
        on
            segments.customer_id = recurring_lines.customer_id
            and segments.end_date = recurring_lines.start_date
            and not recurring_lines.is_bridged
            and not segments.is_pending
    where segments.is_bridged or segments.is_pending
    group by segments.customer_id, segments.start_date, segments.end_date, segments.is_pending
),

lapses as (
    select follow_ups.customer_id, months.month_end, min(follow_ups.gap_start_date) as lapsed_on
    from follow_ups
    inner join months
        on follow_ups.gap_start_date <= months.snapshot_date and follow_ups.gap_end_date > months.snapshot_date
    where follow_ups.is_pending or follow_ups.known_date is null or follow_ups.known_date > months.snapshot_date
    group by follow_ups.customer_id, months.month_end
),

final as (
    select
        coalesce(by_customer.customer_id, lapses.customer_id) as customer_id,
        coalesce(by_customer.month_end, lapses.month_end) as month_end,
        coalesce(by_customer.notice_count = by_customer.line_count, false) as has_cancellation_notice,
        coalesce(by_customer.notice_count > 0 and by_customer.notice_count < by_customer.line_count, false) as has_downgrade_request,
        lapses.customer_id is not null as is_pending_lapse,
        {{ earliest_of(['lapses.lapsed_on', 'by_customer.renews_on']) }} as renews_on
    from by_customer
    full outer join lapses on by_customer.customer_id = lapses.customer_id and by_customer.month_end = lapses.month_end
)

select * from final
