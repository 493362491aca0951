-- grain: one stretch of a recurring line with one set of discounts in force
-- noqa: disable=LT02
with recursive recurring_lines as (
    select * from {{ ref('int_recurring_lines') }}
),

discounts as (
    select *
    from {{ ref('int_contract_discounts') }}
    where
        {% if var('discount_treatment') == 'none' %}
        1 = 0
        {% elif var('discount_treatment') == 'forever_only' %}
        duration = 'forever'
        {% elif var('discount_treatment') == 'exclude_once' %}
        coalesce(duration, 'repeating') <> 'once'
        {% else %}
        1 = 1
        {% endif %}
),

contracts as (
    select distinct account_key, contract_key from recurring_lines where contract_key is not null
),

-- A discount of the account hits every contract of it.
contract_discounts as (
    select
        contracts.contract_key,
        discounts.discount_id,
        discounts.contract_line_id,
        discounts.percent_off,
        discounts.amount_off,
        discounts.currency,
        discounts.invoice_months,
        discounts.start_date,
        discounts.end_date,
        discounts.sequence_number
    from discounts
    inner join contracts
        on
            discounts.account_key = contracts.account_key
            and (discounts.contract_key is null or discounts.contract_key = contracts.contract_key)
),

discounted_contracts as (
    select distinct contract_key from contract_discounts
),

affected as (
    select recurring_lines.*
    from recurring_lines
    inner join discounted_contracts on recurring_lines.contract_key = discounted_contracts.contract_key
),

-- Every day on which anything in the contract changes.
boundaries as (
    select contract_key, start_date as boundary_date from affected
    union
    select contract_key, end_date as boundary_date from affected where end_date is not null
    union
    select contract_key, start_date as boundary_date from contract_discounts where start_date is not null
    union
    select contract_key, end_date as boundary_date from contract_discounts where end_date is not null
),

intervals as (
    select
        contract_key,
        boundary_date as start_date,
        lead(boundary_date) over (partition by contract_key order by boundary_date asc) as end_date
    from boundaries
),

pieces as (
    select
        affected.contract_line_id,
        affected.customer_id,
        affected.account_key,
        affected.contract_key,
        affected.product_key,
        affected.product_family,
        affected.line_type,
        affected.currency,
        affected.start_date as line_start_date,
        affected.end_date as line_end_date,
        affected.mrr_amount,
        affected.quantity,
        affected.tier_rank,
        affected.escalator_rate,
        affected.is_cancelled,
        affected.is_paused_at_end,
        affected.is_bridged,
        intervals.start_date,
        case when affected.is_bridged then affected.end_date else intervals.end_date end as end_date,
        -- A bridged gap goes on at the discounts of the last day before it.
        case when affected.is_bridged then {{ add_days('affected.start_date', -1) }} else intervals.start_date end as discount_date,
        sum(case when affected.mrr_amount > 0 then affected.mrr_amount else 0 end) over (
            partition by affected.contract_key, intervals.start_date
        ) as contract_mrr_amount
    from affected
    inner join intervals
        on
            affected.contract_key = intervals.contract_key
            and intervals.start_date >= affected.start_date
            and (affected.end_date is null or intervals.start_date < affected.end_date)
            and (not affected.is_bridged or intervals.start_date = affected.start_date)
),

applied as (
    select
        pieces.contract_line_id,
        pieces.start_date,
        coalesce(contract_discounts.percent_off, 0) as percent_off,
        coalesce(
            cast(
                contract_discounts.amount_off / nullif(contract_discounts.invoice_months, 0)
                -- An amount off the whole contract is shared by its lines; one off a single line is that line's alone.
                * case
                    when contract_discounts.contract_line_id is null then pieces.mrr_amount / nullif(pieces.contract_mrr_amount, 0)
                    else 1
                end as decimal(18, 6)
            ),
            0
        ) as amount_off,
        row_number() over (
            partition by pieces.contract_line_id, pieces.start_date
            order by
                contract_discounts.sequence_number asc nulls last, contract_discounts.start_date asc, contract_discounts.discount_id asc
        ) as application
    from pieces
    inner join contract_discounts
        on
            pieces.contract_key = contract_discounts.contract_key
            and (contract_discounts.contract_line_id is null or pieces.contract_line_id = contract_discounts.contract_line_id)
            and (contract_discounts.start_date is null or contract_discounts.start_date <= pieces.discount_date)
            and (contract_discounts.end_date is null or pieces.discount_date < contract_discounts.end_date)
            and (
                contract_discounts.percent_off is not null
                or contract_discounts.currency is null
                or contract_discounts.currency = pieces.currency
            )
    where pieces.mrr_amount > 0
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
            'greatest(cast(folded.net_mrr_amount as decimal(28, 6)) * cast(1 - applied.percent_off as decimal(10, 6))'
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

last_application as (
    select contract_line_id, start_date, max(application) as application
    from folded
    group by contract_line_id, start_date
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
        folded.net_mrr_amount as mrr_amount,
        pieces.quantity,
        pieces.tier_rank,
        pieces.escalator_rate,
        pieces.is_cancelled,
        pieces.is_paused_at_end,
        pieces.is_bridged
    from pieces
    inner join folded on pieces.contract_line_id = folded.contract_line_id and pieces.start_date = folded.start_date
    inner join last_application
        on
            folded.contract_line_id = last_application.contract_line_id
            and folded.start_date = last_application.start_date
            and folded.application = last_application.application
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
