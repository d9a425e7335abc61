"""What a partner is and which facts may follow which."""
