"""Cases and bare workflows in; how many of each a Temporal server takes a second, out."""
