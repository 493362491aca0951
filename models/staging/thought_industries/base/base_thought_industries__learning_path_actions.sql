-- grain: one landed record of the Thought Industries learning_path_actions export
{{ base_export('thought_industries', 'learning_path_actions') }}
