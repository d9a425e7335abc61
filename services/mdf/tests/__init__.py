"""Market funds, specified."""
