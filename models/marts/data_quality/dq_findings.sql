-- grain: one thing in the exports that a person should look at; none of it is repaired
with identity as (
    select * from {{ ref('int_customer_identity') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }}
),

invoice_lines as (
    select * from {{ ref('int_invoice_lines') }}
),

discounts as (
    select * from {{ ref('int_contract_discounts') }}
),

recurring_lines as (
    select * from {{ ref('int_recurring_lines') }}
),

families as (
    select * from {{ ref('fct_product_family_months') }}
),

rates as (
    select * from {{ ref('int_constant_rates') }}
),

loss_reasons as (
    select * from {{ ref('int_loss_reasons') }}
),

reason_map as (
    select * from {{ ref('int_loss_reason_map') }}
),

cases as (
    select * from {{ ref('int_cases') }}
),

defects as (
    select * from {{ ref('int_defects') }}
),

case_defects as (
    select * from {{ ref('int_case_defects') }}
),

case_articles as (
    select * from {{ ref('int_case_articles') }}
),

recorded_days as (
    select * from {{ ref('int_recorded_days') }}
),

files as (
    select * from {{ source('landing', 'files') }} where {{ is_known_drop('drop_date') }}
),

clock as (
    select as_of_date from {{ ref('int_as_of') }}
),

months as (
    select min(month_start) as first_month from {{ ref('int_months') }}
),

counting_lines as (
    select contract_lines.system, identity.customer_id
    from contract_lines
    inner join identity on contract_lines.account_key = identity.account_key
    where contract_lines.exclusion_reason is null and contract_lines.mrr_amount is not null
),

billed_customers as (
    select distinct customer_id from counting_lines where system <> 'salesforce'
),

renewals as (
    select system, contract_key, renewal_of_contract_key, min(start_date) as start_date
    from contract_lines
    where exclusion_reason is null and renewal_of_contract_key <> contract_key
    group by system, contract_key, renewal_of_contract_key
),

first_starts as (
    select contract_key, min(start_date) as start_date
    from contract_lines
    where exclusion_reason is null
    group by contract_key
),

-- An inner join finds its pairs by account; a left join with a choice of conditions would compare every pair.
discounts_in_place as (
    select distinct discounts.discount_id
    from discounts
    inner join contract_lines
        on
            discounts.account_key = contract_lines.account_key
            and (discounts.contract_key is null or discounts.contract_key = contract_lines.contract_key)
            and (discounts.contract_line_id is null or discounts.contract_line_id = contract_lines.contract_line_id)
),

findings as (
    select
        'account matches no customer of the CRM' as finding,
        system,
        'account' as subject_type,
        account_key as subject_id,
        match_method as detail
    from identity
    where is_unmatched

    union all

    select
        'account is mentioned but has no record' as finding,
        system,
        'account' as subject_type,
        account_key as subject_id,
        match_method as detail
    from identity
    -- Of an account that stands for one of the CRM, the CRM has the record.
    where not has_record and match_method <> 'crm_id'

    union all

    select 'account hierarchy runs in a circle' as finding, system, 'account' as subject_type, account_key as subject_id, root_key as detail
    from identity
    where is_in_cycle

    union all

    select
        'account hierarchy is deeper than 30 levels and cut there' as finding,
        system,
        'account' as subject_type,
        account_key as subject_id,
        root_key as detail
    from identity
    where is_cut

    union all

    select
        'parent account is not in the export' as finding,
        customers.system,
        'account' as subject_type,
        customers.account_key as subject_id,
        customers.parent_account_id as detail
    from customers
    left join customers as parents on concat(customers.system, ':', customers.parent_account_id) = parents.account_key
    where customers.parent_account_id is not null and parents.account_key is null

    union all

    select
        'deleted account has contract lines' as finding,
        customers.system,
        'account' as subject_type,
        customers.account_key as subject_id,
        cast(count(*) as {{ dbt.type_string() }}) as detail
    from customers
    inner join contract_lines on customers.account_key = contract_lines.account_key
    where customers.is_deleted
    group by customers.system, customers.account_key

    union all

    select
        'contract line does not count' as finding,
        system,
        'contract_line' as subject_type,
        contract_line_id as subject_id,
        coalesce(exclusion_reason, 'no_amount') as detail
    from contract_lines
    where exclusion_reason not in ('trial', 'one_time', 'usage') or (exclusion_reason is null and mrr_amount is null)

    union all

    select
        'contract lines of the CRM do not count, as a billing system bills their customers' as finding,
        'salesforce' as system,
        'system' as subject_type,
        'salesforce' as subject_id,
        concat(
            cast(count(*) as {{ dbt.type_string() }}),
            ' lines of ',
            cast(count(distinct crm_lines.customer_id) as {{ dbt.type_string() }}),
            ' customers'
        ) as detail
    from counting_lines as crm_lines
    inner join billed_customers
        on crm_lines.customer_id = billed_customers.customer_id
    where crm_lines.system = 'salesforce'
    having count(*) > 0

    union all

    select
        'contract line ends before it starts' as finding,
        system,
        'contract_line' as subject_type,
        contract_line_id as subject_id,
        concat(cast(start_date as {{ dbt.type_string() }}), ' to ', cast(end_date as {{ dbt.type_string() }})) as detail
    from contract_lines
    where start_date > end_date

    union all

    select
        'discount is of a contract or line that is not there' as finding,
        discounts.system,
        'discount' as subject_type,
        discounts.discount_id as subject_id,
        coalesce(discounts.contract_line_id, discounts.contract_key, discounts.account_key) as detail
    from discounts
    left join discounts_in_place on discounts.discount_id = discounts_in_place.discount_id
    where discounts_in_place.discount_id is null

    union all

    select
        'discount has neither a share nor an amount' as finding,
        system,
        'discount' as subject_type,
        discount_id as subject_id,
        coalesce(contract_line_id, contract_key, account_key) as detail
    from discounts
    where percent_off is null and (amount_off is null or coalesce(invoice_months, 0) <= 0)

    union all

    select
        'discount is in another currency than its contract' as finding,
        discounts.system,
        'discount' as subject_type,
        discounts.discount_id as subject_id,
        discounts.currency as detail
    from discounts
    inner join contract_lines
        on
            discounts.account_key = contract_lines.account_key
            and (discounts.contract_key is null or discounts.contract_key = contract_lines.contract_key)
            and (discounts.contract_line_id is null or discounts.contract_line_id = contract_lines.contract_line_id)
    where discounts.percent_off is null
    group by discounts.system, discounts.discount_id, discounts.currency
    having count(case when discounts.currency = contract_lines.currency then 1 end) = 0

    union all

    select
        'loss reason is of an account that is not there' as finding,
        loss_reasons.system,
        'loss_reason' as subject_type,
        loss_reasons.loss_reason_id as subject_id,
        loss_reasons.account_key as detail
    from loss_reasons
    left join identity on loss_reasons.account_key = identity.account_key
    where identity.account_key is null

    union all

    select
        'contract starts before the contract it renews' as finding,
        renewals.system,
        'contract' as subject_type,
        renewals.contract_key as subject_id,
        renewals.renewal_of_contract_key as detail
    from renewals
    inner join first_starts as renewed
        on renewals.renewal_of_contract_key = renewed.contract_key
    where renewals.start_date < renewed.start_date

    union all

    select
        'contract line starts before the first month shown' as finding,
        contract_lines.system,
        'contract_line' as subject_type,
        contract_lines.contract_line_id as subject_id,
        cast(contract_lines.start_date as {{ dbt.type_string() }}) as detail
    from contract_lines
    cross join months
    where contract_lines.start_date < months.first_month and contract_lines.exclusion_reason is null

    union all

    select
        'invoice line without an account, a date or an amount' as finding,
        system,
        'invoice_line' as subject_type,
        invoice_line_id as subject_id,
        invoice_id as detail
    from invoice_lines
    where account_key is null or invoice_date is null or amount is null

    union all

    select
        'no exchange rate to the reporting currency' as finding,
        'all' as system,
        'currency' as subject_type,
        currency as subject_id,
        'its amounts are unknown' as detail
    from rates
    where rate is null

    union all

    select
        'amount is too large to be true and counts as unknown' as finding,
        amounts.system,
        amounts.subject_type,
        amounts.subject_id,
        concat(cast(amounts.amount as {{ dbt.type_string() }}), ' ', amounts.currency) as detail
    from (
        select system, 'contract_line' as subject_type, contract_line_id as subject_id, mrr_amount as amount, currency
        from contract_lines
        where exclusion_reason is null
        union all
        select system, 'invoice_line' as subject_type, invoice_line_id as subject_id, amount, currency
        from invoice_lines
    ) as amounts
    inner join rates on coalesce(amounts.currency, '{{ var("reporting_currency") }}') = rates.currency
    where {{ is_beyond_reason('amounts.amount', 'rates.rate') }}

    union all

    {% if var('fx_mode') == 'as_reported' -%}
    select
        'no exchange rate on days on which it is needed' as finding,
        'all' as system,
        'currency' as subject_type,
        balances.currency as subject_id,
        concat(cast(count(distinct balances.month_end) as {{ dbt.type_string() }}), ' month-ends, first ', cast(min(balances.month_end) as {{ dbt.type_string() }}))
            as detail
    from {{ ref('fct_recurring_revenue_months') }} as balances
    inner join {{ ref('int_rates_to_reporting') }} as day_rates
        on balances.currency = day_rates.currency and balances.snapshot_date = day_rates.rate_date
    where day_rates.rate is null
    group by balances.currency

    union all

    {% endif -%}

    select
        'recurring revenue of a product family is below zero' as finding,
        'all' as system,
        'customer' as subject_type,
        customer_id as subject_id,
        concat(product_family, ', ', cast(min(month_end) as {{ dbt.type_string() }})) as detail
    from families
    where is_below_zero
    group by customer_id, product_family

    union all

    select
        'loss reason is not in the reason map' as finding,
        loss_reasons.system,
        'loss_reason' as subject_type,
        -- The words may be free text and stay in staging: one record leads to them.
        min(loss_reasons.loss_reason_id) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same words') as detail
    from loss_reasons
    left join reason_map on loss_reasons.reason_key = reason_map.reason_key
    where loss_reasons.reason_key is not null and reason_map.reason_key is null
    group by loss_reasons.system, loss_reasons.reason_key

    union all

    select
        'reason of a case is not in the reason map' as finding,
        system,
        'case' as subject_type,
        -- The words may be free text and stay in staging: one record leads to them.
        min(case_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same words') as detail
    from cases
    where is_in_scope and unmapped_reason_key is not null
    group by system, unmapped_reason_key

    union all

    select
        'product of a case belongs to no product family' as finding,
        system,
        'case' as subject_type,
        min(case_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }}), ' with the same product') as detail
    from cases
    where is_in_scope and product_name is not null and product_family is null
    group by system, product_name

    union all

    select
        'case names no account' as finding,
        system,
        'case' as subject_type,
        min(case_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from cases
    where is_in_scope and account_key is null
    group by system

    union all

    select
        'case is closed, but nothing says when' as finding,
        system,
        'case' as subject_type,
        min(case_key) as subject_id,
        concat('first of ', cast(count(*) as {{ dbt.type_string() }})) as detail
    from cases
    where is_in_scope and is_closed and closed_at is null
    group by system

    union all

    select
        'case is closed before it is opened' as finding,
        system,
        'case' as subject_type,
        case_key as subject_id,
        concat(cast(created_at as {{ dbt.type_string() }}), ' to ', cast(closed_at as {{ dbt.type_string() }})) as detail
    from cases
    where closed_at < created_at

    union all

    select
        'defect is linked to a case that is not there' as finding,
        case_defects.system,
        'defect' as subject_type,
        case_defects.defect_key as subject_id,
        case_defects.case_key as detail
    from case_defects
    left join cases on case_defects.case_key = cases.case_key
    where cases.case_key is null

    union all

    select
        'case is linked to a defect that is not there' as finding,
        case_defects.system,
        'case' as subject_type,
        case_defects.case_key as subject_id,
        case_defects.defect_key as detail
    from case_defects
    left join defects on case_defects.defect_key = defects.defect_key
    where defects.defect_key is null

    union all

    select
        'article is linked to a case that is not there' as finding,
        case_articles.system,
        'article' as subject_type,
        case_articles.article_key as subject_id,
        case_articles.case_key as detail
    from case_articles
    left join cases on case_articles.case_key = cases.case_key
    where cases.case_key is null

    union all

    select
        'resolution of a defect is not in the resolution map' as finding,
        system,
        'defect' as subject_type,
        defect_key as subject_id,
        coalesce(defect_status, 'no status') as detail
    from defects
    where is_resolution_unmapped

    union all

    select
        'export is far ahead of all others and does not move as_of_date' as finding,
        system,
        'export' as subject_type,
        table_name as subject_id,
        cast(newest_recorded_date as {{ dbt.type_string() }}) as detail
    from recorded_days
    where is_far_ahead

    union all

    select
        'record is dated after as_of_date and does not count yet' as finding,
        dated.system,
        'record' as subject_type,
        dated.subject_id,
        cast(dated.created_date as {{ dbt.type_string() }}) as detail
    from (
        {%- for system, table_name in enabled_exports() %}
        {{ 'union all' if not loop.first }}
        {%- if is_rolled_up(system, table_name) %}
        select
            '{{ system }}' as system,
            concat(_file, ': ', cast(sum(_record_count) as {{ dbt.type_string() }}), ' events') as subject_id,
            _created_date as created_date
        from {{ ref('base_' ~ system ~ '__' ~ table_name) }}
        where _row_status = 'accepted'
        group by _file, _created_date
        {%- else %}
        select
            '{{ system }}' as system,
            concat(_file, ':', cast(_record as {{ dbt.type_string() }})) as subject_id,
            _created_date as created_date
        from {{ ref('base_' ~ system ~ '__' ~ table_name) }}
        where _row_status = 'accepted' and _created_date is not null
        {%- endif %}
        {%- endfor %}
    ) as dated
    cross join clock
    where dated.created_date > clock.as_of_date

    union all

    select
        'file lacks columns that earlier files of its export have' as finding,
        system,
        'file' as subject_type,
        file as subject_id,
        missing_columns as detail
    from files
    where missing_columns is not null

    union all

    select 'file belongs to no export of the contract' as finding, system, 'file' as subject_type, file as subject_id, 'not read' as detail
    from files
    where table_name is null

    union all

    select finding, system, subject_type, subject_id, detail from {{ ref('int_success_findings') }}

    union all

    select finding, system, subject_type, subject_id, detail from {{ ref('int_scale_findings') }}
),

-- Lines of one product of one customer that run at the same time and are not linked: they add up, and may be meant to.
ordered_lines as (
    select
        customer_id,
        product_key,
        contract_line_id,
        start_date,
        max(coalesce(end_date, date '9999-12-31')) over (
            partition by customer_id, product_key
            order by start_date asc, contract_line_id asc
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_date
    from recurring_lines
    where mrr_amount > 0 and not is_bridged
),

overlapping as (
    select customer_id, product_key, count(*) as overlap_count
    from ordered_lines
    where start_date < earlier_end_date
    group by customer_id, product_key
),

final as (
    select finding, system, subject_type, subject_id, detail
    from findings

    union all

    select
        'contract lines of one product overlap and add up' as finding,
        'all' as system,
        'customer' as subject_type,
        customer_id as subject_id,
        concat(coalesce(product_key, 'no product'), ', ', cast(overlap_count as {{ dbt.type_string() }})) as detail
    from overlapping
)

select * from final
