"""Kafka: how services connect, what becomes of a message that cannot be handled, and administration."""
