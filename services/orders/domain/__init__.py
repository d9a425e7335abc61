"""What an order, a partner's account and a receipt are, and which facts may follow which."""
