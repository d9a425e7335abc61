"""Forecast, specified."""
