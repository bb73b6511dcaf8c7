"""Cases that need a letter in (task queue `appeals`); drafted `letter` rows out."""
