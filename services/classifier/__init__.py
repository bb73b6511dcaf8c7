"""`claim.adjudicated.v1` in; cases with their denials out, on `denial.classified.v1` and on Temporal."""
