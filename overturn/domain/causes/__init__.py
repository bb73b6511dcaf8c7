"""What the submitted claim, the paid claim and the tables prove about a denial; one module per family."""
