"""What earns, when it is settled, and how an amount follows from single payments."""
