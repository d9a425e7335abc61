"""What is installed, and how it is watched: files that no import would check."""
