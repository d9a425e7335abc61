"""Partners: who sells for the maker, at which level, where, and on what credit."""
