"""What a fund, a request, a claim and its evidence are, and which facts may follow which."""
