-- grain: one landed record of the templates objective_measurements export
{{ base_export('templates', 'objective_measurements') }}
