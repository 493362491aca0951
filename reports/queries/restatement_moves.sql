-- grain: one version, customer and attribute that changed; the first fifty of each version
with ranked as (

    select
        moves.*,
        coalesce(customers.customer_name, moves.customer_id) as customer_name,
        count(*) over (partition by moves.version) as row_count,
        row_number() over (partition by moves.version order by moves.dimension asc, moves.customer_id asc) as row_rank
    from marts.fct_restatement_moves as moves
    left join marts.dim_customers as customers
        on moves.customer_id = customers.customer_id

)

select *
from ranked
where row_rank <= 50
order by version desc, row_rank
