"""Business history from CSV: rows become requests to the contexts' own front doors."""
