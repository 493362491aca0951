-- grain: one metric and inventory row it answers
with catalog as (
    select * from {{ ref('metric_catalog') }}
),

final as (
    select
        row_id,
        metric_key,
        theme,
        is_headline,
        title,
        question,
        definition,
        subject,
        unit,
        direction,
        format,
        kind,
        headline_grain,
        n_counts,
        interval_method,
        maturity_days,
        needs
    from catalog
)

select * from final
