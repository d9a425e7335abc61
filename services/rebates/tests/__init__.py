"""Rebates, specified."""
