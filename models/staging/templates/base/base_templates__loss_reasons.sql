-- grain: one landed record of the loss_reasons template
{{ base_export('templates', 'loss_reasons') }}
