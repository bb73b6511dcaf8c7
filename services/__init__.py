"""Processes: one folder is one `python -m services.<name>`. Services meet on a topic, a table or a workflow."""
