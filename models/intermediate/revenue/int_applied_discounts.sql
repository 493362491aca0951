-- grain: one discount in force in one stretch of a line, numbered in the order in which they apply
with pieces as (
    select * from {{ ref('int_discount_stretches') }}
),

contract_discounts as (
    select * from {{ ref('int_discounts_in_force') }}
),

final as (
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
)

select * from final
