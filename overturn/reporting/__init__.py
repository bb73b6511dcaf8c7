"""The read side: the system of record in, frozen values for pages and figures out. Nothing here writes."""
