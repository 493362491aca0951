-- grain: one customer with a page and activity that is due with it, at the newest complete month-end
with months as (
    select activity_months.*
    from marts.fct_activity_months as activity_months
    inner join marts.fct_customer_profiles as profiles
        on
            activity_months.customer_id = profiles.customer_id
            and activity_months.month_end = profiles.month_end
    where profiles.arr_rank <= coalesce(getvariable('customer_pages'), 1000)
),

states as (
    select customer_id, 'onboarding' as category, 'initial_welcome' as activity, 1 as place, initial_welcome_state as state from months
    union all
    select customer_id, 'onboarding' as category, 'kickoff_meeting' as activity, 2 as place, kickoff_meeting_state as state from months
    union all
    select customer_id, 'onboarding' as category, 'goals_inventory' as activity, 3 as place, goals_inventory_state as state from months
    union all
    select customer_id, 'onboarding' as category, 'access_verification' as activity, 4 as place, access_verification_state as state from months
    union all
    select customer_id, 'success_planning' as category, 'planning_goal_setting' as activity, 5 as place, planning_goal_setting_state as state from months
    union all
    select customer_id, 'success_planning' as category, 'account_planning' as activity, 6 as place, account_planning_state as state from months
    union all
    select customer_id, 'success_planning' as category, 'journey_mapping' as activity, 7 as place, journey_mapping_state as state from months
    union all
    select customer_id, 'success_planning' as category, 'business_review' as activity, 8 as place, business_review_state as state from months
    union all
    select customer_id, 'adoption' as category, 'coaching' as activity, 9 as place, coaching_state as state from months
    union all
    select customer_id, 'adoption' as category, 'training' as activity, 10 as place, training_state as state from months
    union all
    select customer_id, 'adoption' as category, 'best_practices' as activity, 11 as place, best_practices_state as state from months
    union all
    select customer_id, 'adoption' as category, 'templates' as activity, 12 as place, templates_state as state from months
    union all
    select customer_id, 'health_monitoring' as category, 'usage_tracking' as activity, 13 as place, usage_tracking_state as state from months
    union all
    select customer_id, 'health_monitoring' as category, 'sentiment_analysis' as activity, 14 as place, sentiment_analysis_state as state from months
    union all
    select customer_id, 'health_monitoring' as category, 'risk_assessment' as activity, 15 as place, risk_assessment_state as state from months
    union all
    select customer_id, 'health_monitoring' as category, 'intervention' as activity, 16 as place, intervention_state as state from months
    union all
    select customer_id, 'retention' as category, 'renewal_notification' as activity, 17 as place, renewal_notification_state as state from months
    union all
    select customer_id, 'retention' as category, 'budget_planning' as activity, 18 as place, budget_planning_state as state from months
    union all
    select customer_id, 'retention' as category, 'follow_up' as activity, 19 as place, follow_up_state as state from months
    union all
    select customer_id, 'retention' as category, 'win_loss_analysis' as activity, 20 as place, win_loss_analysis_state as state from months
    union all
    select customer_id, 'expansion' as category, 'account_review' as activity, 21 as place, account_review_state as state from months
    union all
    select customer_id, 'expansion' as category, 'roi_analysis' as activity, 22 as place, roi_analysis_state as state from months
    union all
    select customer_id, 'expansion' as category, 'expansion_goal_setting' as activity, 23 as place, expansion_goal_setting_state as state from months
    union all
    select customer_id, 'expansion' as category, 'opportunity_alignment' as activity, 24 as place, opportunity_alignment_state as state from months
)

select customer_id, category, activity, state
from states
where state in ('done', 'missing', 'unknown')
order by customer_id, place
