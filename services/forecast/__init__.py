"""Forecast: what was collected, what was meant to be, and what the months ahead will bring."""
