-- grain: one landed record of the training_completions template
{{ base_export('templates', 'training_completions') }}
