-- grain: one landed record of the learning_steps template
{{ base_export('templates', 'learning_steps') }}
