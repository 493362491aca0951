-- grain: one answer to a Gainsight survey that is not deleted
{{ config(enabled='gainsight' in var('systems')) }}

with nps as (
    select * from {{ ref('stg_gainsight__nps_survey_response') }}
),

csat as (
    select * from {{ ref('stg_gainsight__csat_survey_response') }}
),

answers as (
    select
        'nps' as question_kind,
        response_id,
        company_id,
        survey_id,
        cast(null as {{ dbt.type_string() }}) as question_id,
        person_id,
        nps_score as given_score,
        cast(0 as decimal(18, 6)) as scale_low,
        cast(10 as decimal(18, 6)) as scale_high,
        answered_date,
        recorded_date
    from nps
    where not is_deleted and nps_score is not null

    union all

    select
        'csat' as question_kind,
        response_id,
        company_id,
        survey_id,
        question_id,
        person_id,
        coalesce(csat_score, csat_percent) as given_score,
        cast(case when csat_score is null then 0 else 1 end as decimal(18, 6)) as scale_low,
        cast(case when csat_score is null then 100 else 5 end as decimal(18, 6)) as scale_high,
        answered_date,
        recorded_date
    from csat
    where not is_deleted and (csat_score is not null or csat_percent is not null)
),

final as (
    select
        'gainsight:' || question_kind || ':' || response_id as answer_key,
        'gainsight' as system,
        'gainsight:' || company_id as account_key,
        {{ hashed_key("'gainsight:' || person_id") }} as contact_key,
        'gainsight:' || survey_id as survey_key,
        'gainsight:' || coalesce(question_id, question_kind) as question_key,
        question_kind,
        given_score,
        scale_low,
        scale_high,
        cast(null as {{ dbt.type_string() }}) as answer,
        answered_date,
        recorded_date
    from answers
)

select * from final
