"""One workflow per denied claim and round: from `denial.classified.v1` to an outcome."""
