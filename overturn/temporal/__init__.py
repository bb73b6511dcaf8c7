"""Reaching Temporal: settings in; a client whose payloads and failures are encrypted out."""
