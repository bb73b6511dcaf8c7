"""One module per page. A route translates: what to read, what to change, which template shows it."""
