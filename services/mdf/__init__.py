"""Market development funds: allocated, asked for, approved, proved, claimed, paid."""
