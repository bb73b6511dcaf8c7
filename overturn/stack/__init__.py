"""The local stack: PostgreSQL, a Kafka broker, Temporal and our services as processes of one supervisor."""
