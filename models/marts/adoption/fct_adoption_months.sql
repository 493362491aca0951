-- grain: one active customer and month-end
with customer_months as (
    select * from {{ ref('fct_customer_months') }} where is_active
),

license_months as (
    select * from {{ ref('fct_license_months') }}
),

family_months as (
    select * from {{ ref('fct_product_family_months') }} where mrr_amount > 0
),

feeds as (
    select * from {{ ref('int_usage_feeds') }}
),

user_months as (
    select * from {{ ref('int_user_months') }} where product_family = 'all'
),

feature_months as (
    select * from {{ ref('int_feature_months') }}
),

features as (
    select * from {{ ref('int_feature_catalog') }} where product_family is not null
),

bands as (
    select * from {{ ref('adoption_bands') }}
),

barriers as (
    select * from {{ ref('int_adoption_answers') }} where question_kind = 'barrier'
),

licenses as (
    select
        customer_id,
        month_end,
        sum(case when adopted_quantity is not null then sold_quantity end) as known_sold_quantity,
        sum(adopted_quantity) as adopted_quantity,
        sum(sold_quantity) as sold_quantity,
        sum(assigned_count) as assigned_count,
        sum(case when assigned_count is not null then in_use_count end) as active_assigned_count
    from license_months
    group by customer_id, month_end
),

users as (
    select
        customer_id,
        month_end,
        count(*) as active_user_count,
        sum(active_day_count) as user_day_count,
        count(
            case
                when
                    advanced_feature_count >= {{ var('advanced_min_features') }}
                    and advanced_event_count >= {{ var('advanced_min_events') }}
                    then 1
            end
        ) as advanced_user_count,
        count(case when advanced_feature_count + basic_feature_count > 0 then 1 end) as classified_user_count
    from user_months
    group by customer_id, month_end
),

-- Whether the window of a month-end lies within the days that the customer's systems measure.
measured as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        max(case when feeds.is_by_user then 1 else 0 end) as user_flag
    from customer_months
    inner join feeds
        on
            customer_months.customer_id = feeds.customer_id
            and feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('adoption_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -7) }}
    group by customer_months.customer_id, customer_months.month_end
),

-- Features of the products a customer holds, as far as their use is measured.
entitled as (
    select
        family_months.customer_id,
        family_months.month_end,
        count(*) as entitled_feature_count,
        count(feature_months.feature_key) as used_feature_count
    from family_months
    inner join customer_months
        on family_months.customer_id = customer_months.customer_id and family_months.month_end = customer_months.month_end
    inner join feeds
        on
            family_months.customer_id = feeds.customer_id
            and family_months.product_family = feeds.product_family
            and feeds.tracked_from_date <= {{ add_days('customer_months.snapshot_date', 1 - var('adoption_window_days')) }}
            and feeds.tracked_until_date >= {{ add_days('customer_months.snapshot_date', -7) }}
    inner join features on family_months.product_family = features.product_family
    left join feature_months
        on
            family_months.customer_id = feature_months.customer_id
            and family_months.month_end = feature_months.month_end
            and features.feature_key = feature_months.feature_key
    group by family_months.customer_id, family_months.month_end
),

last_use as (
    select identity.customer_id, windows.month_end, max(usage_days.usage_date) as last_usage_date
    from {{ ref('int_usage_account_days') }} as usage_days
    inner join {{ ref('int_customer_identity') }} as identity on usage_days.account_key = identity.account_key
    inner join {{ ref('int_usage_windows') }} as windows
        on
            cast(extract(year from usage_days.usage_date) * 12 + extract(month from usage_days.usage_date) - 1 as integer)
            = windows.usage_month_number
            and usage_days.usage_date <= windows.snapshot_date
            and usage_days.usage_date >= windows.window_start_date
    group by identity.customer_id, windows.month_end
),

rated as (
    select
        customer_months.customer_id,
        customer_months.month_end,
        customer_months.tenure_months,
        customer_months.tenure_band,
        customer_months.mrr_amount,
        customer_months.is_provisional,
        licenses.sold_quantity,
        licenses.known_sold_quantity,
        licenses.adopted_quantity,
        licenses.assigned_count,
        licenses.active_assigned_count,
        round(cast(licenses.adopted_quantity as double) / nullif(licenses.known_sold_quantity, 0), 6) as adoption_share,
        measured.customer_id is not null as is_measured,
        coalesce(measured.user_flag, 0) = 1 as is_measured_by_user,
        last_use.last_usage_date is not null as is_using,
        users.active_user_count,
        users.user_day_count,
        users.advanced_user_count,
        users.classified_user_count,
        entitled.entitled_feature_count,
        entitled.used_feature_count
    from customer_months
    left join licenses on customer_months.customer_id = licenses.customer_id and customer_months.month_end = licenses.month_end
    left join measured on customer_months.customer_id = measured.customer_id and customer_months.month_end = measured.month_end
    left join last_use on customer_months.customer_id = last_use.customer_id and customer_months.month_end = last_use.month_end
    left join users on customer_months.customer_id = users.customer_id and customer_months.month_end = users.month_end
    left join entitled on customer_months.customer_id = entitled.customer_id and customer_months.month_end = entitled.month_end
),

banded as (
    select
        rated.*,
        case
            when rated.sold_quantity is null or rated.adoption_share is null then 'unknown'
            when rated.tenure_months < {{ var('adoption_ramp_days') }} / 30 then 'ramp'
            when rated.adoption_share <= bands.red_up_to then 'red'
            when rated.adoption_share <= bands.amber_up_to then 'amber'
            else 'green'
        end as adoption_band,
        barriers.answer as barrier
    from rated
    left join bands on rated.tenure_months >= bands.from_tenure_months and rated.tenure_months <= bands.to_tenure_months
    left join barriers on rated.customer_id = barriers.customer_id and rated.month_end = barriers.month_end
),

final as (
    select
        customer_id,
        month_end,
        tenure_months,
        tenure_band,
        cast(sold_quantity as decimal(18, 6)) as sold_quantity,
        cast(known_sold_quantity as decimal(18, 6)) as known_sold_quantity,
        cast(adopted_quantity as decimal(18, 6)) as adopted_quantity,
        cast(adoption_share as decimal(18, 6)) as adoption_rate,
        adoption_band,
        case when adoption_band in ('red', 'amber') then coalesce(barrier, 'unknown') end as adoption_barrier,
        cast(case when is_measured then is_using end as boolean) as is_using,
        cast(case when is_measured_by_user then coalesce(active_user_count, 0) end as integer) as active_user_count,
        cast(case when is_measured_by_user then coalesce(user_day_count, 0) end as integer) as user_day_count,
        cast(case when is_measured_by_user then coalesce(advanced_user_count, 0) end as integer) as advanced_user_count,
        cast(case when is_measured_by_user then coalesce(classified_user_count, 0) end as integer) as classified_user_count,
        cast(entitled_feature_count as integer) as entitled_feature_count,
        cast(used_feature_count as integer) as used_feature_count,
        cast(assigned_count as integer) as assigned_count,
        cast(active_assigned_count as integer) as active_assigned_count,
        is_provisional
    from banded
)

select * from final
