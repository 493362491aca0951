-- grain: one customer and month in which its recurring revenue moved, or in which a buying customer was lost
with retention as (
    select * from {{ ref('fct_retention') }} where period_grain = 'month'
),

segments as (
    select * from {{ ref('int_recurring_segments') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

loss_reasons as (
    select * from {{ ref('int_loss_reasons') }}
),

reason_map as (
    select * from {{ ref('int_loss_reason_map') }}
),

months as (
    select * from {{ ref('int_months') }}
),

changes as (
    select
        retention.customer_id,
        retention.period_end as month_end,
        months.month_start,
        months.snapshot_date,
        case
            when retention.movement in ('none', 'unchanged') then 'transactional_loss'
            else retention.movement
        end as movement,
        retention.opening_mrr_amount,
        retention.closing_mrr_amount,
        retention.new_mrr_amount + retention.reactivation_mrr_amount + retention.expansion_mrr_amount
        - retention.contraction_mrr_amount - retention.churn_mrr_amount as mrr_change_amount,
        retention.is_active_at_closing,
        retention.is_provisional
    from retention
    inner join months on retention.period_end = months.month_end
    where
        -- An amount without an exchange rate may hide that nothing moved.
        (retention.is_amount_known and retention.movement in ('new', 'reactivation', 'expansion', 'contraction', 'churn'))
        or (retention.is_active_at_opening and not retention.is_active_at_closing)
),

losses as (
    select customer_id, month_end, month_start, snapshot_date
    from changes
    where movement in ('churn', 'contraction', 'transactional_loss')
),

-- Reasons on record about the customer from 90 days before the month to 31 days after it: CRM first, then billing, then
-- customer success, each nearest to the month.
recorded as (
    select
        losses.customer_id,
        losses.month_end,
        coalesce(reason_map.loss_reason, 'other') as loss_reason,
        row_number() over (
            partition by losses.customer_id, losses.month_end
            order by
                case loss_reasons.reason_source when 'crm_renewal' then 1 when 'billing_cancel' then 2 else 3 end asc,
                abs({{ dbt.datediff('losses.snapshot_date', 'loss_reasons.reason_date', 'day') }}) asc,
                loss_reasons.loss_reason_id asc
        ) as preference
    from losses
    inner join identity on losses.customer_id = identity.customer_id
    inner join loss_reasons
        on
            identity.account_key = loss_reasons.account_key
            and loss_reasons.reason_date >= {{ add_days('losses.month_start', -90) }}
            and loss_reasons.reason_date <= {{ add_days('losses.snapshot_date', 31) }}
    left join reason_map on loss_reasons.reason_key = reason_map.reason_key
    where
        loss_reasons.reason_key is not null
        -- The first known reason counts: an 'n/a' of the CRM must not hide what billing knows.
        and coalesce(reason_map.loss_reason, 'other') <> 'unknown'
),

paused as (
    select distinct losses.customer_id, losses.month_end
    from losses
    inner join segments
        on
            losses.customer_id = segments.customer_id
            and segments.end_date >= losses.month_start
            and segments.end_date <= losses.snapshot_date
    where segments.is_paused_at_end and not segments.is_bridged
),

final as (
    select
        changes.customer_id,
        changes.month_end,
        changes.movement,
        cast(changes.opening_mrr_amount as decimal(18, 6)) as opening_mrr_amount,
        cast(changes.closing_mrr_amount as decimal(18, 6)) as closing_mrr_amount,
        cast(changes.mrr_change_amount as decimal(18, 6)) as mrr_change_amount,
        cast(12 * changes.mrr_change_amount as decimal(18, 6)) as arr_change_amount,
        case
            when losses.customer_id is not null
                then coalesce(case when paused.customer_id is not null then 'paused' end, recorded.loss_reason, 'unknown')
        end as loss_reason,
        changes.is_active_at_closing,
        changes.is_provisional
    from changes
    left join losses on changes.customer_id = losses.customer_id and changes.month_end = losses.month_end
    left join recorded
        on changes.customer_id = recorded.customer_id and changes.month_end = recorded.month_end and recorded.preference = 1
    left join paused on changes.customer_id = paused.customer_id and changes.month_end = paused.month_end
)

select * from final
