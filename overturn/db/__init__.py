"""The system of record: PostgreSQL tables, sessions, inbox and outbox, and the queries that write them."""
