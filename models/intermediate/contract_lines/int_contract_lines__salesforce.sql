-- grain: one line item of a won opportunity under its contract, or a contract without any
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with contracts as (

    select * from {{ ref('stg_salesforce__contract') }}

),

opportunities as (

    select * from {{ ref('stg_salesforce__opportunity') }}

),

line_items as (

    select * from {{ ref('stg_salesforce__opportunity_line_item') }}

),

orders as (

    select * from {{ ref('stg_salesforce__order') }}

),

charges as (

    select * from {{ ref('stg_salesforce__product_2') }}

),

products as (

    select * from {{ ref('int_products__salesforce') }}

),

losses as (

    select * from {{ ref('int_loss_reasons__salesforce') }}

),

-- a lost renewal loses the contract it names, and every contract that names it
lost_contracts as (

    select
        contracts.contract_id,
        losses.reason_date
    from contracts
    inner join losses
        on losses.contract_key = 'salesforce:' || contracts.contract_id
    union all
    select
        contracts.contract_id,
        losses.reason_date
    from contracts
    inner join losses
        on losses.loss_reason_id = 'salesforce:' || contracts.renewal_opportunity_id

),

lost_renewals as (

    select
        contract_id,
        min(reason_date) as lost_date
    from lost_contracts
    group by contract_id

),

-- the ways from a contract to its deals, the most explicit first
stated_links as (

    select
        contract_id,
        opportunity_id,
        1 as link_rank,
        cast(null as date) as addition_date
    from contracts
    where opportunity_id is not null
    union all
    select
        contract_id,
        opportunity_id,
        2 as link_rank,
        min(start_date) as addition_date
    from orders
    where contract_id is not null and opportunity_id is not null and not is_deleted
    group by contract_id, opportunity_id
    union all
    -- on a renewal this field may name the contract renewed, whose lines these are not
    select
        contract_id,
        opportunity_id,
        3 as link_rank,
        cast(null as date) as addition_date
    from opportunities
    where contract_id is not null and contract_id is distinct from renewed_contract_id

),

won_links as (

    select
        stated_links.contract_id,
        stated_links.opportunity_id,
        stated_links.link_rank,
        stated_links.addition_date,
        contracts.start_date,
        min(stated_links.link_rank) over (partition by stated_links.contract_id) as best_rank_of_contract
    from stated_links
    inner join contracts
        on stated_links.contract_id = contracts.contract_id
    inner join opportunities
        on stated_links.opportunity_id = opportunities.opportunity_id
    where opportunities.is_won

),

-- the lines of a deal are the lines of one contract, or they would be counted twice
ranked_links as (

    select
        *,
        row_number() over (
            partition by opportunity_id
            order by link_rank asc, start_date asc nulls last, contract_id asc
        ) as link_number
    from won_links
    where link_rank < 3 or best_rank_of_contract = 3

),

links as (

    select * from ranked_links
    where link_number = 1

),

predecessors as (

    select
        links.contract_id,
        min(coalesce(opportunities.renewed_contract_id, renewed.contract_id)) as renewed_contract_id
    from links
    inner join opportunities
        on links.opportunity_id = opportunities.opportunity_id
    left join contracts as renewed
        on links.opportunity_id = renewed.renewal_opportunity_id
    where links.contract_id <> coalesce(opportunities.renewed_contract_id, renewed.contract_id)
    group by links.contract_id

),

succeeded as (

    select distinct coalesce(contracts.renewal_of_contract_id, predecessors.renewed_contract_id) as contract_id
    from contracts
    left join predecessors
        on contracts.contract_id = predecessors.contract_id
    where contracts.contract_status <> 'draft' and not contracts.is_deleted

),

contract_lines as (

    select
        contracts.*,
        coalesce(line_items.opportunity_line_item_id, contracts.contract_id) as line_id,
        line_items.product_id,
        line_items.quantity,
        line_items.total_amount,
        coalesce(contracts.account_id, opportunities.account_id) as paying_account_id,
        coalesce(opportunities.currency, contracts.currency, '{{ var("reporting_currency") }}') as line_currency,
        coalesce(contracts.renewal_of_contract_id, predecessors.renewed_contract_id) as predecessor_contract_id,
        contracts.is_deleted or coalesce(opportunities.is_deleted, false) or coalesce(line_items.is_deleted, false) as is_line_deleted,
        -- an addition ordered during the term runs from its own start to the end of the contract
        case
            when links.addition_date > contracts.start_date and (contracts.end_date is null or links.addition_date < contracts.end_date)
                then links.addition_date
            else contracts.start_date
        end as line_start_date,
        {{ later_of('contracts.recorded_date', 'line_items.recorded_date') }} as line_recorded_date
    from contracts
    left join links
        on contracts.contract_id = links.contract_id
    left join opportunities
        on links.opportunity_id = opportunities.opportunity_id
    left join line_items
        on links.opportunity_id = line_items.opportunity_id
    left join predecessors
        on contracts.contract_id = predecessors.contract_id

),

described as (

    select
        contract_lines.*,
        products.unit_of_measure,
        coalesce(products.offer_type, 'product') as offer_type,
        coalesce(products.licence_model, 'subscription') as licence_model,
        charges.charge_type,
        case when succeeded.contract_id is null then lost_renewals.lost_date end as lost_date,
        case
            when contract_lines.end_date > contract_lines.line_start_date
                then {{ round_amount(
                    'contract_lines.total_amount / ' ~ term_months('contract_lines.line_start_date', 'contract_lines.end_date')
                ) }}
        end as monthly_amount
    from contract_lines
    left join products
        on products.product_key = 'salesforce:' || contract_lines.product_id
    left join charges
        on contract_lines.product_id = charges.product_id
    left join succeeded
        on contract_lines.contract_id = succeeded.contract_id
    left join lost_renewals
        on contract_lines.contract_id = lost_renewals.contract_id

),

final as (

    select
        'salesforce:' || line_id as contract_line_id,
        'salesforce' as system,
        'salesforce:' || paying_account_id as account_key,
        'salesforce:' || contract_id as contract_key,
        'salesforce:' || predecessor_contract_id as renewal_of_contract_key,
        'salesforce:' || product_id as product_key,
        case when offer_type in ('maintenance', 'support', 'success') then offer_type else 'subscription' end as line_type,
        licence_model,
        line_start_date as start_date,
        end_date,
        start_date as term_start_date,
        end_date as term_end_date,
        quantity,
        unit_of_measure,
        monthly_amount as mrr_amount,
        line_currency as currency,
        renewal_uplift_rate as escalator_rate,
        false as is_usage_commitment,
        lost_date as cancel_requested_date,
        contract_status = 'terminated' or lost_date is not null as is_cancelled,
        false as is_paused_at_end,
        cast(null as date) as past_due_from_date,
        case
            when is_line_deleted then 'deleted'
            when contract_status = 'draft' then 'draft'
            when paying_account_id is null then 'no_account'
            when start_date is null then 'no_start_date'
            when charge_type = 'usage' then 'usage'
            when charge_type = 'one_time' then 'one_time'
            -- a perpetual licence is sold once; the service on it recurs
            when licence_model = 'perpetual' and offer_type not in ('maintenance', 'support', 'success') then 'one_time'
            -- training, projects and hardware are sold once, unless the product says that they recur
            when
                offer_type in ('education', 'professional_services', 'other') and coalesce(charge_type, 'unknown') <> 'recurring'
                then 'one_time'
            when total_amount is null then 'no_amount'
            when end_date is null then 'no_term'
            when monthly_amount is null then 'no_amount'
        end as exclusion_reason,
        line_recorded_date as recorded_date
    from described

)

select * from final
