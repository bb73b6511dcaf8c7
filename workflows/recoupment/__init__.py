"""One workflow per demand of a payer for money back, until it is paid, withdrawn or accepted."""
