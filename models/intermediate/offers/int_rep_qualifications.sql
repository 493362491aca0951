-- grain: one rep and stretch of days in which its qualification was the same
{#- Months for which a passed test counts. -#}
{%- set test_months = 12 %}
with reps as (
    select * from {{ ref('int_reps') }}
),

modules as (
    select * from {{ ref('int_rep_modules') }}
),

tests as (
    select * from {{ ref('int_rep_tests') }}
),

required as (
    select
        rep_id,
        module,
        min(coalesce(assigned_date, completed_date)) as required_from_date,
        min(completed_date) as completed_date
    from modules
    where is_required and coalesce(assigned_date, completed_date) is not null
    group by rep_id, module
),

-- The last of a day's tests stands for the day.
ordered_tests as (
    select
        rep_id,
        tested_date,
        is_passed,
        row_number() over (partition by rep_id, tested_date order by test_key desc) as place
    from tests
),

test_spells as (
    select
        rep_id,
        tested_date,
        is_passed,
        {{ add_months('tested_date', test_months) }} as expired_date,
        lead(tested_date) over (partition by rep_id order by tested_date asc) as next_date
    from ordered_tests
    where place = 1
),

first_modules as (
    select min(required_from_date) as begun_date from required
),

first_tests as (
    select min(tested_date) as begun_date from test_spells
),

-- Before the company knows of modules and of tests, nobody's qualification is known.
begun as (
    select {{ later_of('first_modules.begun_date', 'first_tests.begun_date') }} as begun_date
    from first_modules
    cross join first_tests
    where first_modules.begun_date is not null and first_tests.begun_date is not null
),

days as (
    select rep_id, required_from_date as valid_from_date from required
    union
    select rep_id, completed_date as valid_from_date from required
    union
    select rep_id, tested_date as valid_from_date from test_spells
    union
    select rep_id, expired_date as valid_from_date from test_spells
),

turns as (
    select reps.rep_id, begun.begun_date as valid_from_date
    from reps
    cross join begun
    union
    select days.rep_id, days.valid_from_date
    from days
    inner join reps on days.rep_id = reps.rep_id
    cross join begun
    where days.valid_from_date > begun.begun_date
),

spells as (
    select
        rep_id,
        valid_from_date,
        lead(valid_from_date) over (partition by rep_id order by valid_from_date asc) as valid_until_date
    from turns
),

trained as (
    select
        spells.rep_id,
        spells.valid_from_date,
        spells.valid_until_date,
        count(required.module) as required_count,
        count(case when required.completed_date <= spells.valid_from_date then 1 end) as completed_count
    from spells
    left join required on spells.rep_id = required.rep_id and spells.valid_from_date >= required.required_from_date
    group by spells.rep_id, spells.valid_from_date, spells.valid_until_date
),

final as (
    select
        trained.rep_id,
        trained.valid_from_date,
        trained.valid_until_date,
        cast(test_spells.rep_id is not null as boolean) as is_tested,
        cast(test_spells.is_passed as boolean) as is_passed,
        cast(
            case
                when trained.required_count = 0 or trained.completed_count < trained.required_count or test_spells.rep_id is null then false
                else test_spells.is_passed
            end as boolean
        ) as is_qualified
    from trained
    left join test_spells
        on
            trained.rep_id = test_spells.rep_id
            and trained.valid_from_date >= test_spells.tested_date
            and trained.valid_from_date < test_spells.expired_date
            and (test_spells.next_date is null or trained.valid_from_date < test_spells.next_date)
)

select * from final
