"""Deals that partners register: what is asked and decided, and whose a scope is."""
