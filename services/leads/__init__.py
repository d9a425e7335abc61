"""Leads: customers and leads, shared out among partners by rules that explain themselves."""
