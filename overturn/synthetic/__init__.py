"""A synthetic month of a therapy practice: a seed in, 837P, 277CA and 835 files and their truth out."""
