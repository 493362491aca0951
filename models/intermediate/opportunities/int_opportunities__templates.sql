-- grain: one opportunity of the templates
{{ config(enabled='templates' in var('systems'), materialized='view') }}

with opportunities as (

    select * from {{ ref('stg_templates__opportunities') }}

),

final as (

    select
        'templates:' || opportunity_id as opportunity_key,
        'templates' as system,
        'templates:' || account_id as account_key,
        close_date,
        case
            when opportunity_type in ('new', 'expansion', 'renewal') then opportunity_type
            else 'other'
        end as opportunity_type,
        rep_id,
        coalesce(created_date, recorded_date) as created_date,
        stage,
        is_won,
        case
            when is_closed is not null then is_closed
            when is_won then true
        end as is_closed,
        channel,
        region,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        recorded_date
    from opportunities

)

select * from final
