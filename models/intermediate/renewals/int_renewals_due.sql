-- grain: one term of a contract and kind that falls due: paid, with an end, of two months or longer
with terms as (
    select * from {{ ref('int_contract_terms') }} where not is_evergreen
),

parts as (
    select * from {{ ref('int_contract_parts') }}
),

segments as (
    select
        *,
        case when line_type in ('maintenance', 'support', 'success') then 'service' else 'product' end as contract_kind
    from {{ ref('int_recurring_segments') }}
    where contract_key is not null and not is_bridged and not is_pending
),

billed_contracts as (
    select distinct contract_key from parts
),

lost_renewals as (
    select identity.customer_id, loss_reasons.contract_key, loss_reasons.reason_date, billed.contract_key is not null as is_contract_known
    from {{ ref('int_loss_reasons') }} as loss_reasons
    inner join {{ ref('int_customer_identity') }} as identity on loss_reasons.account_key = identity.account_key
    left join billed_contracts as billed on loss_reasons.contract_key = billed.contract_key
    where loss_reasons.reason_source = 'crm_renewal'
),

clock as (
    select * from {{ ref('int_as_of') }}
),

recorded_ends as (
    select contract_key, max(term_end_date) as last_term_end_date
    from {{ ref('int_contract_terms') }}
    where is_recorded
    group by contract_key
),

-- The last day on which the term was served: that before its end, or earlier if it was terminated or replaced early.
served as (
    select
        terms.contract_key,
        parts.contract_kind,
        parts.customer_id,
        parts.account_key,
        terms.term_start_date,
        terms.term_end_date,
        max(
            case when segments.start_date < terms.term_end_date then {{ earliest_of(['segments.end_date', 'terms.term_end_date']) }} end
        ) as served_until_date,
        min(
            case
                when
                    (segments.end_date is null or segments.end_date > terms.term_end_date)
                    and segments.start_date <= {{ add_days('terms.term_end_date', var('renewal_grace_days')) }}
                    then {{ later_of('segments.start_date', 'terms.term_end_date') }}
            end
        ) as continued_date
    from terms
    inner join parts on terms.contract_key = parts.contract_key
    inner join segments
        on
            parts.contract_key = segments.contract_key
            and parts.contract_kind = segments.contract_kind
            and segments.mrr_original_amount > 0
            and (segments.end_date is null or segments.end_date > terms.term_start_date)
            and segments.start_date <= {{ add_days('terms.term_end_date', var('renewal_grace_days')) }}
    group by
        terms.contract_key,
        parts.contract_kind,
        parts.customer_id,
        parts.account_key,
        terms.term_start_date,
        terms.term_end_date
    having min(segments.start_date) < terms.term_end_date
),

-- What goes on without an end is renewed once the day has come, not before: until then nobody has decided.
continued as (
    select
        served.contract_key,
        served.contract_kind,
        served.customer_id,
        served.account_key,
        served.term_start_date,
        served.term_end_date,
        served.served_until_date,
        case
            when served.term_end_date <= clock.as_of_date or recorded_ends.last_term_end_date > served.term_end_date
                then served.continued_date
        end as continued_date,
        clock.as_of_date
    from served
    cross join clock
    left join recorded_ends on served.contract_key = recorded_ends.contract_key
),

priced as (
    select
        continued.contract_key,
        continued.contract_kind,
        continued.customer_id,
        continued.account_key,
        continued.term_start_date,
        continued.term_end_date,
        continued.served_until_date,
        continued.continued_date,
        continued.as_of_date,
        max(case when last_lines.is_cancelled then 1 else 0 end) = 1 as is_cancelled,
        sum(last_lines.mrr_original_amount) as original_amount,
        case when count(last_lines.mrr_amount) = count(*) then sum(last_lines.mrr_amount) end as available_mrr_amount
    from continued
    inner join segments as last_lines
        on
            continued.contract_key = last_lines.contract_key
            and continued.contract_kind = last_lines.contract_kind
            and last_lines.start_date < continued.served_until_date
            and (last_lines.end_date is null or last_lines.end_date >= continued.served_until_date)
    group by
        continued.contract_key,
        continued.contract_kind,
        continued.customer_id,
        continued.account_key,
        continued.term_start_date,
        continued.term_end_date,
        continued.served_until_date,
        continued.continued_date,
        continued.as_of_date
),

family_values as (
    select
        continued.contract_key,
        continued.contract_kind,
        continued.term_end_date,
        last_lines.product_family,
        row_number() over (
            partition by continued.contract_key, continued.contract_kind, continued.term_end_date
            order by sum(last_lines.mrr_original_amount) desc, last_lines.product_family asc
        ) as family_number
    from continued
    inner join segments as last_lines
        on
            continued.contract_key = last_lines.contract_key
            and continued.contract_kind = last_lines.contract_kind
            and last_lines.start_date < continued.served_until_date
            and (last_lines.end_date is null or last_lines.end_date >= continued.served_until_date)
    group by continued.contract_key, continued.contract_kind, continued.term_end_date, last_lines.product_family
),

renewed_prices as (
    select
        continued.contract_key,
        continued.contract_kind,
        continued.term_end_date,
        case when count(next_lines.mrr_amount) = count(*) then sum(next_lines.mrr_amount) end as continued_mrr_amount
    from continued
    inner join segments as next_lines
        on
            continued.contract_key = next_lines.contract_key
            and continued.contract_kind = next_lines.contract_kind
            and next_lines.start_date <= continued.continued_date
            and (next_lines.end_date is null or next_lines.end_date > continued.continued_date)
    group by continued.contract_key, continued.contract_kind, continued.term_end_date
),

-- A loss that names no contract of ours is that of whatever was due at the time.
lost as (
    select distinct priced.contract_key, priced.contract_kind, priced.term_end_date
    from priced
    inner join lost_renewals
        on
            priced.customer_id = lost_renewals.customer_id
            and (
                priced.contract_key = lost_renewals.contract_key
                or (
                    not lost_renewals.is_contract_known
                    and lost_renewals.reason_date >= {{ add_days('priced.term_end_date', -90) }}
                    and lost_renewals.reason_date <= {{ add_days('priced.term_end_date', var('renewal_grace_days')) }}
                )
            )
),

final as (
    select
        priced.contract_key,
        priced.contract_kind,
        priced.customer_id,
        priced.account_key,
        family_values.product_family,
        priced.term_start_date,
        priced.term_end_date,
        priced.served_until_date,
        cast(priced.available_mrr_amount as decimal(18, 6)) as available_mrr_amount,
        priced.continued_date,
        cast(renewed_prices.continued_mrr_amount as decimal(18, 6)) as continued_mrr_amount,
        -- Somebody has recorded that it is over: a cancellation, a lost renewal, or an end before the end.
        cast(
            priced.is_cancelled
            or (priced.served_until_date < priced.term_end_date and priced.served_until_date <= priced.as_of_date)
            or lost.contract_key is not null as boolean
        ) as is_lost_recorded
    from priced
    left join lost
        on
            priced.contract_key = lost.contract_key
            and priced.contract_kind = lost.contract_kind
            and priced.term_end_date = lost.term_end_date
    left join family_values
        on
            priced.contract_key = family_values.contract_key
            and priced.contract_kind = family_values.contract_kind
            and priced.term_end_date = family_values.term_end_date
            and family_values.family_number = 1
    left join renewed_prices
        on
            priced.contract_key = renewed_prices.contract_key
            and priced.contract_kind = renewed_prices.contract_kind
            and priced.term_end_date = renewed_prices.term_end_date
    where priced.original_amount > 0
)

select * from final
