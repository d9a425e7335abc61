"""What leads knows, decides and says: pure."""
