-- grain: one Salesforce product
{{ config(enabled='salesforce' in var('systems'), materialized='view') }}

with products as (

    select * from {{ ref('stg_salesforce__product_2') }}

),

worded as (

    select
        *,
        lower(licence_model_raw) as licence_words,
        -- blanks around and between the words, so that PS is found as a word and not inside UPS
        ' ' || translate(lower(coalesce(offer_type_raw, product_family)), '_-/&,.()+', '         ') || ' ' as offer_words
    from products

),

final as (

    select
        'salesforce:' || product_id as product_key,
        'salesforce' as system,
        product_id,
        product_name,
        product_family,
        case
            when offer_words is null then 'product'
            -- the most telling word first: Support Services is support, Maintenance and Support is maintenance
            when offer_words like '%maintenance%' then 'maintenance'
            when offer_words like '%support%' then 'support'
            when offer_words like '%success%' then 'success'
            when offer_words like '%education%' or offer_words like '%training%' then 'education'
            when
                offer_words like '% ps %'
                or offer_words like '%professional service%'
                or offer_words like '%consulting%'
                or offer_words like '%implementation%'
                or offer_words like '%onboarding%'
                -- the bare word alone: Cloud Services is a product
                or trim(offer_words) in ('service', 'services')
                then 'professional_services'
            when trim(offer_words) = 'other' or (offer_type_raw is not null and offer_words not like '%product%') then 'other'
            else 'product'
        end as offer_type,
        case
            when licence_words like '%perpetual%' then 'perpetual'
            when licence_words like '%subscription%' or licence_words like '%term%' or licence_words like '%saas%' then 'subscription'
        end as licence_model,
        tier_rank,
        unit_of_measure,
        recorded_date
    from worded

)

select * from final
