-- grain: one landed record of the templates survey_invitations export
{{ base_export('templates', 'survey_invitations') }}
