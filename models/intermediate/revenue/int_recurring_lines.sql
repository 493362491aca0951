-- grain: one stretch of a contract line that counts as recurring revenue under the policy in force, before discounts
with contract_lines as (
    select * from {{ ref('int_contract_lines') }}
),

identity as (
    select * from {{ ref('int_customer_identity') }}
),

products as (
    select * from {{ ref('int_product_catalog') }}
),

-- A CRM's contracts count only for customers whom no billing system bills: else the same money would count twice.
billed_customers as (
    select distinct identity.customer_id
    from contract_lines
    inner join identity on contract_lines.account_key = identity.account_key
    where contract_lines.system <> 'salesforce' and contract_lines.exclusion_reason is null
),

counted as (
    select
        contract_lines.*,
        identity.customer_id,
        coalesce(products.product_family, 'unknown') as product_family,
        products.tier_rank
    from contract_lines
    inner join identity on contract_lines.account_key = identity.account_key
    left join products on contract_lines.product_key = products.product_key
    left join billed_customers on identity.customer_id = billed_customers.customer_id
    where
        contract_lines.exclusion_reason is null
        and contract_lines.mrr_amount is not null
        and contract_lines.start_date is not null
        and (contract_lines.system <> 'salesforce' or billed_customers.customer_id is null)
        {% if var('usage_revenue') == 'exclude' %}
        and not coalesce(contract_lines.is_usage_commitment, false)
        {% endif %}
),

-- A linked successor ends its predecessor on its own start, so an early renewal never counts twice.
successors as (
    select renewal_of_contract_key as contract_key, min(start_date) as successor_start_date
    from counted
    where renewal_of_contract_key is not null and renewal_of_contract_key <> contract_key
    group by renewal_of_contract_key
),

ended as (
    select
        counted.*,
        successors.successor_start_date,
        {{ earliest_of([
            'counted.end_date',
            'successors.successor_start_date',
            'counted.cancel_requested_date' if var('churn_recognition') == 'cancellation_request' else 'null',
            'null' if var('past_due_is_active') else 'counted.past_due_from_date',
        ]) }} as effective_end_date
    from counted
    left join successors on counted.contract_key = successors.contract_key
),

contract_ends as (
    select contract_key, max(effective_end_date) as last_end_date
    from ended
    where successor_start_date is not null
    group by contract_key
),

-- A linked renewal that starts within grace bridges the days between at the old price.
bridged as (
    select
        ended.*,
        ended.effective_end_date as stretch_start_date,
        ended.successor_start_date as stretch_end_date
    from ended
    inner join contract_ends
        on ended.contract_key = contract_ends.contract_key and ended.effective_end_date = contract_ends.last_end_date
    where
        ended.successor_start_date > ended.effective_end_date
        and ended.successor_start_date <= {{ add_days('ended.effective_end_date', var('renewal_grace_days')) }}
        and ended.start_date < ended.effective_end_date
),

stretches as (
    select *, start_date as stretch_start_date, effective_end_date as stretch_end_date, false as is_bridged from ended
    union all
    select *, true as is_bridged from bridged
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
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        stretch_start_date as start_date,
        stretch_end_date as end_date,
        mrr_amount,
        quantity,
        tier_rank,
        escalator_rate,
        coalesce(is_cancelled, false) as is_cancelled,
        coalesce(is_paused_at_end, false) as is_paused_at_end,
        is_bridged
    from stretches
    where stretch_end_date is null or stretch_start_date < stretch_end_date
)

select * from final
