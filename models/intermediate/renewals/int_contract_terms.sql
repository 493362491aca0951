-- grain: one term of a contract
with recorded_terms as (
    select * from {{ ref('int_recorded_terms') }}
),

contract_lines as (
    select * from {{ ref('int_contract_lines') }} where exclusion_reason is null and mrr_amount is not null
),

parts as (
    select contract_key, min(start_date) as start_date, case when count(end_date) = count(*) then max(end_date) end as end_date
    from {{ ref('int_contract_parts') }}
    group by contract_key
),

clock as (
    select * from {{ ref('int_as_of') }}
),

contracts_with_terms as (
    select distinct contract_key from recorded_terms
),

-- Where only lines tell of terms, each end is one of them.
line_terms as (
    select
        contract_lines.contract_key,
        contract_lines.term_end_date,
        min(contract_lines.term_start_date) as term_start_date
    from contract_lines
    left join contracts_with_terms on contract_lines.contract_key = contracts_with_terms.contract_key
    where contracts_with_terms.contract_key is null and contract_lines.term_start_date < contract_lines.term_end_date
    group by contract_lines.contract_key, contract_lines.term_end_date
),

-- A line that begins and ends within another one's term is no term of its own.
known_terms as (
    select line_terms.contract_key, line_terms.term_start_date, line_terms.term_end_date
    from line_terms
    where
        not exists (
            select 1
            from line_terms as longer
            where
                longer.contract_key = line_terms.contract_key
                and longer.term_start_date <= line_terms.term_start_date
                and longer.term_end_date > line_terms.term_end_date
        )

    union all

    select contract_key, term_start_date, term_end_date
    from recorded_terms
),

measured as (
    select
        known_terms.*,
        -- Nothing repeats after a hundred years: such dates are slips, and a hundred of their terms would leave the calendar.
        cast(least(round({{ term_months('known_terms.term_start_date', 'known_terms.term_end_date') }}), 1200) as integer) as months,
        min(known_terms.term_start_date) over (partition by known_terms.contract_key) as first_term_start_date,
        max(known_terms.term_end_date) over (partition by known_terms.contract_key) as last_term_end_date
    from known_terms
),

-- Lines that are longer than the one term they tell of: there were terms before it, or there are terms after it.
reaches as (
    select
        contract_key,
        max(case when start_date < term_start_date then 1 else 0 end) = 1 as has_earlier_terms,
        max(case when end_date is null or end_date > term_end_date then 1 else 0 end) = 1 as has_later_terms
    from contract_lines
    where term_start_date < term_end_date
    group by contract_key
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {%- endfor %}
),

numbers as (
    select ones.digit + 10 * tens.digit + 1 as number
    from digits as ones
    cross join digits as tens
),

-- If only the present term is exported, those before it, back to the contract's start, were as long, and so are those that followed
-- it without being recorded while the contract went on.
repeated as (
    select
        measured.contract_key,
        cast({{ add_months('measured.term_start_date', '-measured.months * numbers.number') }} as date) as term_start_date,
        cast({{ add_months('measured.term_start_date', '-measured.months * (numbers.number - 1)') }} as date) as term_end_date
    from measured
    inner join parts on measured.contract_key = parts.contract_key
    inner join reaches on measured.contract_key = reaches.contract_key and reaches.has_earlier_terms
    inner join numbers
        on {{ add_months('measured.term_start_date', '-measured.months * (numbers.number - 1)') }} > parts.start_date
    where measured.term_start_date = measured.first_term_start_date and measured.months between 2 and 1199

    union all

    select
        measured.contract_key,
        cast({{ add_months('measured.term_end_date', 'measured.months * (numbers.number - 1)') }} as date) as term_start_date,
        cast({{ add_months('measured.term_end_date', 'measured.months * numbers.number') }} as date) as term_end_date
    from measured
    inner join parts on measured.contract_key = parts.contract_key
    inner join reaches on measured.contract_key = reaches.contract_key and reaches.has_later_terms
    cross join clock
    inner join numbers
        on
            {{ add_months('measured.term_end_date', 'measured.months * (numbers.number - 1)') }} <= clock.as_of_date
            and (
                parts.end_date is null
                or {{ add_months('measured.term_end_date', 'measured.months * (numbers.number - 1)') }} < parts.end_date
            )
    where measured.term_end_date = measured.last_term_end_date and measured.months between 2 and 1199
),

all_terms as (
    select contract_key, term_start_date, term_end_date, true as is_recorded from known_terms
    union all
    select contract_key, term_start_date, term_end_date, false as is_recorded from repeated
),

final as (
    select
        contract_key,
        min(term_start_date) as term_start_date,
        term_end_date,
        -- Monthly contracts and those without a term are never due: they go on until they are ended.
        cast({{ add_months('min(term_start_date)', 2) }} > term_end_date as boolean) as is_evergreen,
        cast(max(case when is_recorded then 1 else 0 end) = 1 as boolean) as is_recorded
    from all_terms
    group by contract_key, term_end_date
)

select * from final
