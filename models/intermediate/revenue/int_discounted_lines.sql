-- grain: one stretch of a recurring line with one set of discounts in force
with recursive recurring_lines as (
    select * from {{ ref('int_recurring_lines') }}
),

pieces as (
    select * from {{ ref('int_discount_stretches') }}
),

applied as (
    select * from {{ ref('int_applied_discounts') }}
),

discounted_contracts as (
    select distinct contract_key from {{ ref('int_discounts_in_force') }}
),

-- One discount after the other, never below zero.
folded as (
    select contract_line_id, start_date, mrr_amount as net_mrr_amount, 0 as application
    from pieces

    union all

    select
        folded.contract_line_id,
        folded.start_date,
        {{ round_amount(
            'greatest(cast(folded.net_mrr_amount as decimal(26, 6)) * cast(1 - applied.percent_off as decimal(10, 6))'
            ~ ' - applied.amount_off, 0)'
        ) }} as net_mrr_amount,
        folded.application + 1 as application
    from folded
    inner join applied
        on
            folded.contract_line_id = applied.contract_line_id
            and folded.start_date = applied.start_date
            and folded.application + 1 = applied.application
),

net_amounts as (
    select
        contract_line_id,
        start_date,
        net_mrr_amount,
        row_number() over (partition by contract_line_id, start_date order by application desc) as steps_back
    from folded
),

net_pieces as (
    select
        pieces.contract_line_id,
        pieces.customer_id,
        pieces.account_key,
        pieces.contract_key,
        pieces.product_key,
        pieces.product_family,
        pieces.line_type,
        pieces.currency,
        pieces.start_date,
        pieces.end_date,
        net_amounts.net_mrr_amount as mrr_amount,
        pieces.quantity,
        pieces.tier_rank,
        pieces.escalator_rate,
        pieces.is_cancelled,
        pieces.is_paused_at_end,
        pieces.is_bridged
    from pieces
    inner join net_amounts on pieces.contract_line_id = net_amounts.contract_line_id and pieces.start_date = net_amounts.start_date
    where net_amounts.steps_back = 1
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
        mrr_amount,
        quantity,
        tier_rank,
        escalator_rate,
        is_cancelled,
        is_paused_at_end,
        is_bridged
    from net_pieces

    union all

    select
        recurring_lines.contract_line_id,
        recurring_lines.customer_id,
        recurring_lines.account_key,
        recurring_lines.contract_key,
        recurring_lines.product_key,
        recurring_lines.product_family,
        recurring_lines.line_type,
        recurring_lines.currency,
        recurring_lines.start_date,
        recurring_lines.end_date,
        recurring_lines.mrr_amount,
        recurring_lines.quantity,
        recurring_lines.tier_rank,
        recurring_lines.escalator_rate,
        recurring_lines.is_cancelled,
        recurring_lines.is_paused_at_end,
        recurring_lines.is_bridged
    from recurring_lines
    left join discounted_contracts on recurring_lines.contract_key = discounted_contracts.contract_key
    where discounted_contracts.contract_key is null
)

select * from final
