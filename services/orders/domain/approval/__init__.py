"""Who must agree to an order, and what they said."""
