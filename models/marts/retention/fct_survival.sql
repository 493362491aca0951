-- grain: one dimension member and month of tenure with customers at risk
-- noqa: disable=PRS
with customer_months as (
    select * from {{ ref('fct_customer_months') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

last_month as (
    select max(month_number) as month_number from customer_months where not is_provisional
),

-- The last month in which the customer was active; gaps inside a relationship are ignored.
relationships as (
    select
        customer_months.customer_id,
        min(case when customer_months.is_active then customer_months.tenure_months end) as first_tenure_months,
        max(case when customer_months.is_active then customer_months.tenure_months end) as last_active_tenure_months,
        max(case when customer_months.is_active then customer_months.month_number end) as last_active_month_number
    from customer_months
    where not customer_months.is_provisional
    group by customer_months.customer_id
    having max(case when customer_months.is_active then 1 else 0 end) = 1
),

-- Event: the first month without the customer. Censored: still active in the last finished month.
lifetimes as (
    select
        relationships.customer_id,
        {% if var('history_start_month') %}relationships.first_tenure_months{% else %}0{% endif %} as entry_tenure,
        case
            when relationships.last_active_month_number = last_month.month_number then relationships.last_active_tenure_months
            else relationships.last_active_tenure_months + 1
        end as exit_tenure,
        relationships.last_active_month_number <> last_month.month_number as is_lost
    from relationships
    cross join last_month
),

members as (
    select lifetimes.*, 'all' as dimension, 'all' as member from lifetimes
    {%- for dimension in ('segment', 'region', 'channel') %}
    union all
    select lifetimes.*, '{{ dimension }}' as dimension, customers.{{ dimension }} as member
    from lifetimes
    inner join customers on lifetimes.customer_id = customers.customer_id
    {%- endfor %}
),

exits as (
    select dimension, member, exit_tenure as tenure_month, sum(case when is_lost then 1 else 0 end) as event_count, count(*) as exit_count
    from members
    group by dimension, member, exit_tenure
),

entries as (
    select dimension, member, entry_tenure as tenure_month, count(*) as entry_count
    from members
    group by dimension, member, entry_tenure
),

steps as (
    select
        coalesce(exits.dimension, entries.dimension) as dimension,
        coalesce(exits.member, entries.member) as member,
        coalesce(exits.tenure_month, entries.tenure_month) as tenure_month,
        coalesce(exits.event_count, 0) as event_count,
        coalesce(exits.exit_count, 0) as exit_count,
        coalesce(entries.entry_count, 0) as entry_count
    from exits
    full outer join entries
        on exits.dimension = entries.dimension and exits.member = entries.member and exits.tenure_month = entries.tenure_month
),

-- At risk at tenure m: entered before m, not gone before m.
at_risk as (
    select
        *,
        coalesce(sum(entry_count) over earlier, 0) - coalesce(sum(exit_count) over earlier, 0) as at_risk_count,
        row_number() over (partition by dimension, member order by tenure_month asc) as step
    from steps
    window earlier as (partition by dimension, member order by tenure_month asc rows between unbounded preceding and 1 preceding)
),

-- What a month of tenure multiplies the share of survivors by, and adds to Greenwood's sum. The first month only opens the curve.
factors as (
    select
        dimension,
        member,
        tenure_month,
        case when step = 1 and tenure_month = 0 then entry_count else at_risk_count end as at_risk_count,
        cast(case when step = 1 then 0 else event_count end as bigint) as event_count,
        case
            when step > 1 and at_risk_count > 0 then 1 - cast(event_count as double) / at_risk_count
            else cast(1 as double)
        end as survived,
        case
            when step > 1 and at_risk_count > event_count
                then cast(event_count as double) / (cast(at_risk_count as double) * (at_risk_count - event_count))
            else cast(0 as double)
        end as greenwood_term
    from at_risk
),

-- Kaplan-Meier product and Greenwood's sum, one month after the other.
curve as (
    select
        dimension,
        member,
        tenure_month,
        at_risk_count,
        event_count,
        {{ running('survived', '*', 'up_to_month') }} as survival,
        {{ running('greenwood_term', '+', 'up_to_month') }} as greenwood
    from factors
    window up_to_month as (partition by dimension, member order by tenure_month asc rows between unbounded preceding and current row)
),

final as (
    select
        dimension,
        member,
        cast(tenure_month as integer) as tenure_month,
        cast(at_risk_count as bigint) as at_risk_count,
        event_count,
        cast(round(survival, 6) as decimal(18, 6)) as survival_rate,
        -- Log-log interval (95 %), inside 0 and 1 by construction; none where the curve stands at 0 or 1.
        case
            when survival > 0 and survival < 1
                then cast(round(power(survival, exp(1.959964 * sqrt(greenwood) / abs(ln(survival)))), 6) as decimal(18, 6))
        end as ci_low,
        case
            when survival > 0 and survival < 1
                then cast(round(power(survival, exp(-1.959964 * sqrt(greenwood) / abs(ln(survival)))), 6) as decimal(18, 6))
        end as ci_high
    from curve
)

select * from final
