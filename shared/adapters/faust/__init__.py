"""Live analytics on Faust: the one place that knows it."""
