-- grain: one metric that is a ratio of sums or an amount, period, dimension and member
with window_ratios as (
    select * from {{ ref('fct_window_ratios') }}
),

balance_ratios as (
    select * from {{ ref('fct_balance_ratios') }}
),

flow_ratios as (
    select * from {{ ref('fct_flow_ratios') }}
),

license_ratios as (
    select * from {{ ref('fct_license_ratios') }}
),

adoption_ratios as (
    select * from {{ ref('fct_adoption_ratios') }}
),

adoption_window_ratios as (
    select * from {{ ref('fct_adoption_window_ratios') }}
),

feature_ratios as (
    select * from {{ ref('fct_feature_ratios') }}
),

engagement_ratios as (
    select * from {{ ref('fct_engagement_ratios') }}
),

engagement_flow_ratios as (
    select * from {{ ref('fct_engagement_flow_ratios') }}
),

case_ratios as (
    select * from {{ ref('fct_case_ratios') }}
),

support_ratios as (
    select * from {{ ref('fct_support_ratios') }}
),

session_ratios as (
    select * from {{ ref('fct_session_ratios') }}
),

demand_ratios as (
    select * from {{ ref('fct_demand_ratios') }}
),

cause_ratios as (
    select * from {{ ref('fct_cause_ratios') }}
),

self_service_window_ratios as (
    select * from {{ ref('fct_self_service_window_ratios') }}
),

time_ratios as (
    select * from {{ ref('fct_time_ratios') }}
),

final as (
    select * from window_ratios
    union all
    select * from balance_ratios
    union all
    select * from flow_ratios
    union all
    select * from license_ratios
    union all
    select * from adoption_ratios
    union all
    select * from adoption_window_ratios
    union all
    select * from feature_ratios
    union all
    select * from engagement_ratios
    union all
    select * from engagement_flow_ratios
    union all
    select * from case_ratios
    union all
    select * from support_ratios
    union all
    select * from session_ratios
    union all
    select * from demand_ratios
    union all
    select * from cause_ratios
    union all
    select * from self_service_window_ratios
    union all
    select * from time_ratios
)

select * from final
