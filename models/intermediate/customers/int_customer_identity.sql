-- grain: one account of one system, joined to its customer
with recursive accounts as (
    select * from {{ ref('int_accounts') }}
),

links as (
    select * from {{ ref('int_account_links') }}
),

-- Thirty steps at most, and no further than back to the start.
walks as (
    select account_key, next_key as reached_key, 1 as depth
    from links
    where next_key is not null

    union all

    select walks.account_key, links.next_key as reached_key, walks.depth + 1 as depth
    from walks
    inner join links on walks.reached_key = links.account_key
    where links.next_key is not null and walks.depth < 30 and walks.reached_key <> walks.account_key
),

cycles as (
    select distinct account_key
    from walks
    where reached_key = account_key
),

-- In a cycle the smallest account stands for all.
cycle_roots as (
    select walks.account_key, min(walks.reached_key) as root_key
    from walks
    inner join cycles on walks.account_key = cycles.account_key
    group by walks.account_key
),

farthest as (
    select
        account_key,
        reached_key,
        depth,
        row_number() over (partition by account_key order by depth desc) as steps_from_end
    from walks
),

roots as (
    select
        accounts.account_key,
        coalesce(own_cycle.root_key, reached_cycle.root_key, farthest.reached_key, accounts.account_key) as root_key,
        own_cycle.root_key is not null or reached_cycle.root_key is not null as is_in_cycle,
        coalesce(farthest.depth = 30 and beyond.next_key is not null, false) as is_cut
    from accounts
    left join cycle_roots as own_cycle on accounts.account_key = own_cycle.account_key
    left join farthest on accounts.account_key = farthest.account_key and farthest.steps_from_end = 1
    left join cycle_roots as reached_cycle on farthest.reached_key = reached_cycle.account_key
    left join links as beyond on farthest.reached_key = beyond.account_key
),

crm as (
    select count(*) as crm_account_count
    from accounts
    where system = 'salesforce'
),

final as (
    select
        accounts.account_key,
        accounts.system,
        accounts.account_id,
        roots.root_key,
        case
            when crm.crm_account_count > 0 and roots.root_key not like 'salesforce:%' then concat('unmatched:', roots.root_key)
            else roots.root_key
        end as customer_id,
        crm.crm_account_count > 0 and roots.root_key not like 'salesforce:%' as is_unmatched,
        coalesce(links.link_type, 'own') as match_method,
        roots.is_in_cycle,
        roots.is_cut and not roots.is_in_cycle as is_cut,
        accounts.has_record
    from accounts
    inner join roots on accounts.account_key = roots.account_key
    inner join links on accounts.account_key = links.account_key
    cross join crm
)

select * from final
