-- grain: one published version of the log; the newest twenty-four, newest first
select
    version,
    as_of_date,
    policy_changes,
    is_history_start,
    is_look_back,
    closed_value_count,
    first_published_count,
    restated_count,
    count(*) over () as publication_count
from marts.fct_publications
order by version desc
limit 24
