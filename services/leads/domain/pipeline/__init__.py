"""Opportunities and the stages they go through."""
