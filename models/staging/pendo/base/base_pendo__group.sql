-- grain: one landed record of the Pendo group export
{{ base_export('pendo', 'group') }}
