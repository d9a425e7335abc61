"""What must hold, computed by other means than the product computes it."""
