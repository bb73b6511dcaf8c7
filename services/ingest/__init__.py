"""X12 files in (drop folder, upload, command line); claims, remittances and their outbox events out."""
