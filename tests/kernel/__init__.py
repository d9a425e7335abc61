"""The machinery, tried on toy contexts."""
