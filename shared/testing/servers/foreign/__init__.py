"""Clients that are not ours, as other services and data teams have them: kcat, and Java's own."""
