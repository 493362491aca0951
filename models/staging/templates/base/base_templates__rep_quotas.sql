-- grain: one landed record of the rep_quotas template
{{ base_export('templates', 'rep_quotas') }}
