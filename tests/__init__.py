"""Across contexts: architecture, contracts, acceptance."""
