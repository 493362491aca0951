-- grain: hours of one person on one project of Kantata, day and kind of work
{{ config(enabled='kantata' in var('systems')) }}

with booked as (
    select * from {{ ref('stg_kantata__revenue_by_user') }}
),

details as (
    select * from {{ ref('stg_kantata__project_details') }}
),

-- The service delivered is the offer of that very name.
offers as (
    select {{ lower_case(trimmed('offer_name')) }} as offer_words, min(offer_id) as offer_id
    from {{ ref('int_service_offers') }}
    group by {{ lower_case(trimmed('offer_name')) }}
),

final as (
    select
        -- Who worked is part of the key, hashed.
        concat('kantata:', {{ hashed_key(
            "concat(booked.project_id, '|', cast(booked.booking_date as " ~ dbt.type_string() ~ "), '|', coalesce(booked.user_name, ''), '|', coalesce(booked.category, ''), '|', "
            ~ "coalesce(booked.booking_type, ''), '|', coalesce(booked.services, ''), '|', coalesce(booked.role, ''), '|', coalesce(booked.region, ''))"
        ) }}) as delivery_key,
        'kantata' as system,
        'kantata:' || booked.project_id as project_key,
        'kantata:' || details.account_id as account_key,
        booked.service_line,
        cast(null as {{ dbt.type_string() }}) as product_key,
        offers.offer_id,
        booked.booking_date as delivered_date,
        booked.hours,
        case
            when coalesce(details.is_investment, false) then cast(0 as decimal(18, 6))
            when booked.revenue_amount is not null then booked.revenue_amount
            when coalesce(booked.fixed_fee_amount, booked.time_and_materials_amount) is not null
                then coalesce(booked.fixed_fee_amount, 0) + coalesce(booked.time_and_materials_amount, 0)
        end as amount,
        cast(null as {{ dbt.type_string() }}) as currency,
        coalesce(details.is_investment, false) as is_investment,
        booked.recorded_date
    from booked
    left join details on booked.project_id = details.project_id
    left join offers on {{ lower_case(trimmed('booked.services')) }} = offers.offer_words
)

select * from final
