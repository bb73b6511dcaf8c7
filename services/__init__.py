"""Processes, one `python -m services.<name>` each. They meet on a topic, in a table or in a workflow."""
