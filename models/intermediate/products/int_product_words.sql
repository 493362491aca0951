-- grain: one word for a product, in lower case, as support systems and issue trackers write it
with words as (
    select * from {{ ref('product_words') }}
),

catalog as (
    select * from {{ ref('int_product_catalog') }}
),

-- The company's own seed wins; else a word is the exact name of a family or of a product of one family.
candidates as (
    select {{ lower_case(trimmed('product_raw')) }} as product_word, product_family, 1 as precedence
    from words

    union all

    select {{ lower_case(trimmed('product_family')) }} as product_word, product_family, 2 as precedence
    from catalog

    union all

    select {{ lower_case(trimmed('product_name')) }} as product_word, product_family, 3 as precedence
    from catalog
),

first_found as (
    select product_word, min(precedence) as precedence
    from candidates
    where product_word is not null and product_family is not null
    group by product_word
),

final as (
    select candidates.product_word, min(candidates.product_family) as product_family
    from candidates
    inner join first_found
        on candidates.product_word = first_found.product_word and candidates.precedence = first_found.precedence
    group by candidates.product_word
    having count(distinct candidates.product_family) = 1
)

select * from final
