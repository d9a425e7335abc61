"""Who owns a customer: lost by silence, to the public pool, claimed or assigned from there."""
