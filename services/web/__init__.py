"""HTTP requests of specialists and managers in; pages, letters and steps of cases (workflow updates) out."""
