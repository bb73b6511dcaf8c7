"""A corrected claim seen through: written once, answered, asked after; its case hears what becomes of it."""
