"""Temporal: case ids in, work done in time out. Services may import this; it never imports a service."""
