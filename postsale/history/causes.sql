-- The subjects whose share in a restated value changed. A subject that is left out adds zero, as in the sums of the values.
insert into marts.fct_restatement_causes
select
    getvariable('version'),
    metric_key,
    period_grain,
    period_end,
    dimension,
    member,
    subject_type,
    subject_id,
    coalesce(earlier.is_included, false),
    coalesce(later.is_included, false),
    earlier.numerator,
    later.numerator,
    coalesce(later.numerator, 0) - coalesce(earlier.numerator, 0),
    earlier.denominator,
    later.denominator,
    case
        when earlier.denominator is not null or later.denominator is not null
            then coalesce(later.denominator, 0) - coalesce(earlier.denominator, 0)
    end
from contributions_before as earlier
full join contributions_after as later
    using (metric_key, period_grain, period_end, dimension, member, subject_type, subject_id)
where
    earlier.numerator is distinct from later.numerator
    or earlier.denominator is distinct from later.denominator
    or earlier.is_included is distinct from later.is_included
order by all;

create temp table moved_customers as
select
    customer_id,
    unnest(['segment', 'region', 'channel']) as dimension,
    unnest([earlier.segment, earlier.region, earlier.channel]) as member_before,
    unnest([later.segment, later.region, later.channel]) as member_after
from previous.marts.dim_customers as earlier
inner join marts.dim_customers as later using (customer_id);

insert into marts.fct_restatement_moves
select
    getvariable('version'),
    customer_id,
    dimension,
    member_before,
    member_after
from moved_customers
where
    member_before <> member_after
    and dimension in (select compared.dimension from compared where compared.is_restated)
order by all;

create temp table affected_customers as
select subject_id as customer_id
from marts.fct_restatement_causes
where version = getvariable('version') and subject_type = 'customer'
union
select customer_id
from marts.fct_restatement_moves
where version = getvariable('version');

-- Month-ends in a row that changed by the same amounts are one stretch.
insert into marts.fct_restatement_products
with changed as (
    select
        customer_id,
        product_key,
        currency,
        month_end,
        earlier.mrr_original_amount as mrr_original_before,
        later.mrr_original_amount as mrr_original_after,
        earlier.mrr_amount as mrr_before,
        later.mrr_amount as mrr_after,
        earlier.quantity as quantity_before,
        later.quantity as quantity_after
    from (from previous.marts.fct_recurring_revenue_months semi join affected_customers using (customer_id)) as earlier
    full join (from marts.fct_recurring_revenue_months semi join affected_customers using (customer_id)) as later
        using (customer_id, product_key, currency, month_end)
    where
        month_end <= (select publication.prior_as_of_date from publication)
        and (
            earlier.mrr_original_amount is distinct from later.mrr_original_amount
            or earlier.mrr_amount is distinct from later.mrr_amount
            or earlier.quantity is distinct from later.quantity
        )
),

numbered as (
    select
        *,
        12 * year(month_end) + month(month_end) - row_number() over (
            partition by
                customer_id, product_key, currency, mrr_original_before, mrr_original_after, mrr_before, mrr_after,
                quantity_before, quantity_after
            order by month_end
        ) as stretch
    from changed
)

select
    getvariable('version'),
    customer_id,
    product_key,
    currency,
    min(month_end),
    max(month_end),
    mrr_original_before,
    mrr_original_after,
    mrr_before,
    mrr_after,
    quantity_before,
    quantity_after
from numbered
group by
    customer_id, product_key, currency, mrr_original_before, mrr_original_after, mrr_before, mrr_after, quantity_before,
    quantity_after, stretch
order by all;
