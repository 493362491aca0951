-- grain: one stretch of recurring revenue of one line with one amount, gaps within grace and open lapses included
with discounted_lines as (
    select * from {{ ref('int_discounted_lines') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

clock as (
    select * from {{ ref('int_as_of') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

billed_contracts as (
    select distinct contract_key from discounted_lines where contract_key is not null
),

-- A contract that only the CRM knows by that name says nothing of which billed contract was lost: the loss is the customer's.
lost_renewals as (
    select billed_contracts.contract_key, identity.customer_id, loss_reasons.reason_date
    from {{ ref('int_loss_reasons') }} as loss_reasons
    inner join identity on loss_reasons.account_key = identity.account_key
    left join billed_contracts on loss_reasons.contract_key = billed_contracts.contract_key
    where loss_reasons.reason_source = 'crm_renewal'
),

converted as (
    select
        discounted_lines.*,
        {{ converted_amount('discounted_lines.mrr_amount', 'rates.rate') }} as mrr_reporting_amount
    from discounted_lines
    left join rates on discounted_lines.currency = rates.currency
),

-- The family's revenue day by day: what it changes by, then its level between changes. Currencies add up at one rate.
changes as (
    select customer_id, product_family, start_date as change_date, coalesce(mrr_reporting_amount, mrr_amount) as delta
    from converted
    union all
    select customer_id, product_family, end_date as change_date, -coalesce(mrr_reporting_amount, mrr_amount) as delta
    from converted
    where end_date is not null
),

daily_changes as (
    select customer_id, product_family, change_date, sum(delta) as delta
    from changes
    group by customer_id, product_family, change_date
),

levels as (
    select
        customer_id,
        product_family,
        change_date as start_date,
        lead(change_date) over (partition by customer_id, product_family order by change_date asc) as end_date,
        sum(delta) over (partition by customer_id, product_family order by change_date asc rows unbounded preceding) as level_amount
    from daily_changes
),

positive_levels as (
    select
        customer_id,
        product_family,
        end_date,
        lead(start_date) over (partition by customer_id, product_family order by start_date asc) as next_start_date
    from levels
    where level_amount > 0
),

-- A stretch of zero after revenue: closed by revenue within grace (bridged), or still open (pending while grace runs).
gaps as (
    select
        positive_levels.customer_id,
        positive_levels.product_family,
        positive_levels.end_date as gap_start_date,
        coalesce(
            positive_levels.next_start_date,
            {{ add_days('positive_levels.end_date', var('renewal_grace_days')) }}
        ) as gap_end_date,
        positive_levels.next_start_date is null as is_open
    from positive_levels
    cross join clock
    where
        positive_levels.end_date is not null
        and (positive_levels.next_start_date is null or positive_levels.next_start_date > positive_levels.end_date)
        and coalesce(positive_levels.next_start_date, clock.as_of_date)
        <= {{ add_days('positive_levels.end_date', var('renewal_grace_days')) }}
        and (
            positive_levels.next_start_date is not null
            or clock.as_of_date < {{ add_days('positive_levels.end_date', var('renewal_grace_days')) }}
        )
        -- An end after as_of_date is no gap yet.
        and (positive_levels.next_start_date is not null or positive_levels.end_date <= clock.as_of_date)
),

-- Lines that ended on the first day of the gap go on through it; through an open gap only those that merely lapsed.
filled as (
    select
        converted.*,
        gaps.gap_start_date,
        gaps.gap_end_date,
        gaps.is_open
    from converted
    inner join gaps
        on
            converted.customer_id = gaps.customer_id
            and converted.product_family = gaps.product_family
            and converted.end_date = gaps.gap_start_date
    where
        not gaps.is_open
        or (
            not converted.is_cancelled
            and not exists (
                select 1
                from lost_renewals
                where
                    lost_renewals.customer_id = converted.customer_id
                    and (
                        lost_renewals.contract_key = converted.contract_key
                        or (
                            lost_renewals.contract_key is null
                            and lost_renewals.reason_date >= {{ add_days('converted.end_date', -90) }}
                        )
                    )
            )
        )
),

final as (
    select
        contract_line_id,
        customer_id,
        account_key,
        contract_key,
        product_key,
        product_family,
        line_type,
        currency,
        start_date,
        end_date,
        mrr_amount as mrr_original_amount,
        mrr_reporting_amount as mrr_amount,
        quantity,
        tier_rank,
        escalator_rate,
        is_cancelled,
        is_paused_at_end,
        is_bridged,
        false as is_pending
    from converted

    union all

    select
        contract_line_id,
        customer_id,
        account_key,
        contract_key,
        product_key,
        product_family,
        line_type,
        currency,
        gap_start_date as start_date,
        gap_end_date as end_date,
        mrr_amount as mrr_original_amount,
        mrr_reporting_amount as mrr_amount,
        quantity,
        tier_rank,
        escalator_rate,
        is_cancelled,
        is_paused_at_end,
        not is_open as is_bridged,
        is_open as is_pending
    from filled
)

select * from final
