"""One workflow per payer and rendering NPI that the payer does not know yet: from the first denial on."""
