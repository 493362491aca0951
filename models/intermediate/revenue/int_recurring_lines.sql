-- grain: one stretch of a contract line that counts as recurring revenue under the policy in force, before discounts
-- noqa: disable=LT02
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

-- Renewals that were never in service leave the old contract as it is.
contract_starts as (
    select contract_key, renewal_of_contract_key, min(start_date) as start_date
    from counted
    where end_date is null or start_date < end_date
    group by contract_key, renewal_of_contract_key
),

first_starts as (
    select contract_key, min(start_date) as start_date
    from contract_starts
    group by contract_key
),

-- A linked successor ends its predecessor on its own start, so an early renewal never counts twice.
-- A contract that started before the one it is said to renew renews nothing (and is listed): it would wipe out that contract.
successors as (
    select renewals.renewal_of_contract_key as contract_key, min(renewals.start_date) as successor_start_date
    from contract_starts as renewals
    inner join first_starts as renewed
        on renewals.renewal_of_contract_key = renewed.contract_key
    -- Two that start on one day and name each other: the second by name renews the first.
    left join contract_starts as returned
        on
            renewals.renewal_of_contract_key = returned.contract_key
            and renewals.contract_key = returned.renewal_of_contract_key
    where
        renewals.renewal_of_contract_key <> renewals.contract_key
        and (
            renewals.start_date > renewed.start_date
            or (
                renewals.start_date = renewed.start_date
                and (returned.contract_key is null or renewals.contract_key > renewals.renewal_of_contract_key)
            )
        )
    group by renewals.renewal_of_contract_key
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

{% if var('usage_revenue') == 't3m_avg' %}
usage_invoices as (
    select
        identity.customer_id,
        identity.account_key,
        invoice_lines.product_key,
        coalesce(invoice_lines.currency, '{{ var("reporting_currency") }}') as currency,
        invoice_lines.invoice_date,
        cast({{ dbt.date_trunc('month', 'invoice_lines.invoice_date') }} as date) as month_start,
        invoice_lines.amount
    from {{ ref('int_invoice_lines') }} as invoice_lines
    inner join identity on invoice_lines.account_key = identity.account_key
    where invoice_lines.charge_type = 'usage' and invoice_lines.amount is not null
),

usage_windows as (
    select
        usage_invoices.*,
        months.month_end as stretch_start_date,
        {{ add_days(add_months(add_days('months.month_end', 1), 1), -1) }} as stretch_end_date
    from {{ ref('int_months') }} as months
    inner join usage_invoices
        on
            usage_invoices.invoice_date <= months.month_end
            and usage_invoices.month_start >= {{ add_months('months.month_start', -2) }}
    where not months.is_provisional
),

usage_month_counts as (
    select customer_id, product_key, stretch_start_date, count(distinct month_start) as month_count
    from usage_windows
    group by customer_id, product_key, stretch_start_date
),

-- The mean of the months with a usage invoice among the last three holds from one month's last day to the next one's.
usage_stretches as (
    select
        usage_windows.customer_id,
        usage_windows.product_key,
        usage_windows.currency,
        usage_windows.stretch_start_date,
        usage_windows.stretch_end_date,
        min(usage_windows.account_key) as account_key,
        {{ round_amount('sum(usage_windows.amount) / max(usage_month_counts.month_count)') }} as mrr_amount
    from usage_windows
    inner join usage_month_counts
        on
            usage_windows.customer_id = usage_month_counts.customer_id
            and usage_windows.product_key is not distinct from usage_month_counts.product_key
            and usage_windows.stretch_start_date = usage_month_counts.stretch_start_date
    group by
        usage_windows.customer_id,
        usage_windows.product_key,
        usage_windows.currency,
        usage_windows.stretch_start_date,
        usage_windows.stretch_end_date
),

{% endif %}
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
        is_bridged,
        cancel_requested_date,
        term_start_date,
        term_end_date,
        recorded_date
    from stretches
    where stretch_end_date is null or stretch_start_date < stretch_end_date
    {%- if var('usage_revenue') == 't3m_avg' %}

    union all

    select
        concat(
            'usage:', usage_stretches.customer_id, ':', coalesce(usage_stretches.product_key, 'unknown'), ':', usage_stretches.currency, ':',
            cast(usage_stretches.stretch_start_date as {{ dbt.type_string() }})
        ) as contract_line_id,
        usage_stretches.customer_id,
        usage_stretches.account_key,
        cast(null as {{ dbt.type_string() }}) as contract_key,
        usage_stretches.product_key,
        coalesce(products.product_family, 'unknown') as product_family,
        'subscription' as line_type,
        usage_stretches.currency,
        usage_stretches.stretch_start_date as start_date,
        usage_stretches.stretch_end_date as end_date,
        usage_stretches.mrr_amount,
        cast(null as decimal(18, 6)) as quantity,
        products.tier_rank,
        cast(null as decimal(18, 6)) as escalator_rate,
        -- Use that stops is no renewal that is late, so it is not kept as pending.
        true as is_cancelled,
        false as is_paused_at_end,
        false as is_bridged,
        cast(null as date) as cancel_requested_date,
        cast(null as date) as term_start_date,
        cast(null as date) as term_end_date,
        cast(null as date) as recorded_date
    from usage_stretches
    left join products on usage_stretches.product_key = products.product_key
    {%- endif %}
)

select * from final
