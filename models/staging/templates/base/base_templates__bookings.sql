-- grain: one landed record of the bookings template
{{ base_export('templates', 'bookings') }}
