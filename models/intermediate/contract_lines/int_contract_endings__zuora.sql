-- grain: one Zuora contract, with what is recorded about its end
{{ config(enabled='zuora' in var('systems'), materialized='view') }}

with versions as (
    select * from {{ ref('int_contract_versions__zuora') }}
),

amendments as (
    select * from {{ ref('stg_zuora__amendment') }}
    where not is_deleted and coalesce(amendment_status, 'completed') = 'completed'
),

-- An amendment names the version it changes, which is seldom the current one. Known = the earliest of notice, signature and record.
changes as (
    select
        versions.contract_key,
        amendments.amendment_type,
        amendments.effective_date,
        amendments.is_auto_renewed,
        {{ earliest_of(['amendments.contract_effective_date', 'amendments.booking_date', 'amendments.recorded_date']) }} as known_date,
        coalesce(amendments.created_at, cast(amendments.effective_date as timestamp)) as changed_at
    from amendments
    inner join versions on amendments.subscription_id = versions.subscription_id
),

change_dates as (
    select
        contract_key,
        max(case when amendment_type = 'cancellation' then effective_date end) as cancellation_date,
        max(case when amendment_type = 'cancellation' then known_date end) as cancellation_known_date,
        max(case when amendment_type = 'termsandconditions' and not is_auto_renewed then changed_at end) as renewal_off_at,
        max(case when amendment_type = 'termsandconditions' and not is_auto_renewed then known_date end) as renewal_off_known_date,
        max(case when amendment_type = 'termsandconditions' and is_auto_renewed then changed_at end) as renewal_on_at,
        max(case when amendment_type = 'renewal' then changed_at end) as renewed_at
    from changes
    group by contract_key
),

final as (
    select
        versions.contract_key,
        versions.subscription_status = 'cancelled' or versions.subscription_status = 'canceled' as is_contract_cancelled,
        -- No charge outlives this day.
        case
            when versions.subscription_status in ('cancelled', 'canceled')
                then coalesce(versions.subscription_end_date, change_dates.cancellation_date)
            when versions.subscription_status = 'expired' then versions.subscription_end_date
        end as latest_end_date,
        -- The end of a charge that records none although its contract is over; the last change is the last resort.
        case
            when versions.subscription_status in ('cancelled', 'canceled')
                then coalesce(
                    versions.subscription_end_date, change_dates.cancellation_date, versions.cancelled_date, versions.updated_date
                )
            when versions.subscription_status = 'expired'
                then coalesce(versions.subscription_end_date, versions.term_end_date, versions.updated_date)
        end as contract_end_date,
        change_dates.cancellation_date,
        coalesce(change_dates.cancellation_known_date, versions.cancelled_date) as cancellation_known_date,
        -- auto_renew = false alone is how many companies write every contract, and renewal_setting only says into what a contract renews.
        -- A decision is recorded where a change of terms switched renewal off and neither a renewal nor a switch back followed.
        case
            when
                versions.term_type = 'TERMED'
                and not versions.is_auto_renewed
                and change_dates.renewal_off_at is not null
                and (change_dates.renewal_on_at is null or change_dates.renewal_on_at < change_dates.renewal_off_at)
                and (change_dates.renewed_at is null or change_dates.renewed_at < change_dates.renewal_off_at)
                then versions.term_end_date
        end as not_renewed_date,
        change_dates.renewal_off_known_date
    from versions
    left join change_dates on versions.contract_key = change_dates.contract_key
    where versions.is_current
)

select * from final
