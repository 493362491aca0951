-- grain: one contract of one kind that falls due, with how value was shown and what support cost before
with renewals as (
    select * from {{ ref('fct_contract_renewals') }}
),

touch_months as (
    select * from {{ ref('fct_value_touch_months') }}
),

-- Of a customer with both, the licences it bought come first.
price_months as (
    select
        customer_id,
        month_end,
        min(case licence_model when 'perpetual' then support_price_band end) as perpetual_band,
        min(support_price_band) as any_band
    from {{ ref('fct_support_price_months') }}
    group by customer_id, month_end
),

months as (
    select * from {{ ref('int_months') }}
),

-- Bands are those of the month-end ninety days before: what became of the contract must not choose its band.
banded as (
    select
        renewals.*,
        {{ add_days(
            'cast(' ~ dbt.date_trunc('month', add_days('renewals.due_date', -89)) ~ ' as date)', -1
        ) }} as banded_on_date
    from renewals
),

final as (
    select
        banded.renewal_key,
        banded.month_end,
        cast(banded.month_number as integer) as month_number,
        banded.contract_kind,
        banded.segment,
        banded.region,
        banded.channel,
        banded.product_family,
        case
            when coalesce(touch_months.known_quarter_count, 0) = 0 then 'unknown'
            when 2 * touch_months.touched_quarter_count >= touch_months.known_quarter_count then 'throughout'
            when touch_months.touched_quarter_count > 0 then 'some'
            else 'none'
        end as value_band,
        coalesce(price_months.perpetual_band, price_months.any_band) as support_price_band,
        banded.is_renewed,
        months.is_provisional
    from banded
    inner join months on banded.month_end = months.month_end
    left join touch_months on banded.customer_id = touch_months.customer_id and banded.banded_on_date = touch_months.month_end
    left join price_months
        on
            banded.customer_id = price_months.customer_id
            and banded.banded_on_date = price_months.month_end
            and banded.contract_kind = 'service'
)

select * from final
