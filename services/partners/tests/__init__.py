"""Partners, in sentences."""
