"""Targets, actuals, and the arithmetic of looking ahead."""
