"""Reference tables in (ours in `reference`, official files a customer imported); indexed look-ups by date of
service and payer out, each answer with its source."""

from overturn.reference.edits import load_edit_tables

__all__ = ["load_edit_tables"]
