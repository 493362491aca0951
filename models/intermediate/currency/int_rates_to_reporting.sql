-- grain: one currency and day on which an amount has to be converted
with clock as (
    select * from {{ ref('int_as_of') }}
),

days as (
    select fx_rate_date as rate_date from clock
    {% if var('fx_mode') == 'as_reported' %}
    union
    select snapshot_date as rate_date from {{ ref('int_months') }}
    union
    select invoice_date as rate_date from {{ ref('int_invoice_lines') }} where invoice_date is not null
    {% endif %}
),

currencies as (
    select distinct currency from {{ ref('int_contract_lines') }} where currency is not null
    union
    select distinct currency from {{ ref('int_invoice_lines') }} where currency is not null
    union
    select distinct currency from {{ ref('int_service_costs') }} where currency is not null
    union
    select distinct currency from {{ ref('int_labour_rates') }} where currency is not null
    union
    select distinct currency from {{ ref('int_customer_returns') }} where currency is not null
    union
    select distinct currency from {{ ref('int_service_deliveries') }} where currency is not null
    union
    select distinct currency from {{ ref('int_portfolio_goals') }} where currency is not null
    union
    select '{{ var("reporting_currency") }}' as currency
),

quoted as (
    select
        rate_date,
        from_currency,
        to_currency,
        rate,
        case when rate_type = 'budget' then 'budget' else 'spot' end as basis
    from {{ ref('int_exchange_rates') }}
    where rate > 0
),

-- Each quote serves in both directions; the direct one is preferred.
directed as (
    select rate_date, from_currency, to_currency, rate, basis, 1 as preference from quoted
    union all
    select
        rate_date,
        to_currency as from_currency,
        from_currency as to_currency,
        cast(1 / rate as decimal(18, 9)) as rate,
        basis,
        2 as preference
    from quoted
),

-- A spot rate is good for 31 days, a budget rate for its calendar year.
usable as (
    select
        days.rate_date,
        directed.from_currency,
        directed.to_currency,
        directed.basis,
        directed.rate,
        row_number() over (
            partition by days.rate_date, directed.from_currency, directed.to_currency, directed.basis
            order by directed.preference asc, directed.rate_date desc, directed.rate asc
        ) as choice
    from days
    inner join directed
        on
            (
                directed.basis = 'spot'
                and directed.rate_date <= days.rate_date
                and directed.rate_date >= {{ add_days('days.rate_date', -31) }}
            )
            or (directed.basis = 'budget' and extract(year from directed.rate_date) = extract(year from days.rate_date))
),

steps as (
    select * from usable where choice = 1
),

-- Preference: spot, spot through one common currency, budget, budget through one common currency.
paths as (
    select rate_date, from_currency as currency, rate, case basis when 'spot' then 1 else 3 end as preference, '' as via
    from steps
    where to_currency = '{{ var("reporting_currency") }}'

    union all

    select
        first_step.rate_date,
        first_step.from_currency as currency,
        {{ try_cast_as('cast(first_step.rate as decimal(28, 9)) * second_step.rate', 'decimal(18, 9)') }} as rate,
        case first_step.basis when 'spot' then 2 else 4 end as preference,
        first_step.to_currency as via
    from steps as first_step
    inner join steps as second_step
        on
            first_step.rate_date = second_step.rate_date
            and first_step.basis = second_step.basis
            and first_step.to_currency = second_step.from_currency
    where second_step.to_currency = '{{ var("reporting_currency") }}' and first_step.from_currency <> '{{ var("reporting_currency") }}'
),

ranked as (
    select
        *,
        row_number() over (partition by rate_date, currency order by preference asc, via asc) as choice
    from paths
),

final as (
    select
        currencies.currency,
        days.rate_date,
        case
            when currencies.currency = '{{ var("reporting_currency") }}' then cast(1 as decimal(18, 9))
            else ranked.rate
        end as rate
    from currencies
    cross join days
    left join ranked
        on currencies.currency = ranked.currency and days.rate_date = ranked.rate_date and ranked.choice = 1
)

select * from final
