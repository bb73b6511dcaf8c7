"""Outbox rows in, Kafka messages out: what a transaction made true is published after it committed."""
