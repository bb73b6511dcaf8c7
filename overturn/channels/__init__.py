"""Ways to a payer: a package, an address and a key in; a receipt with the proof of submission out."""
