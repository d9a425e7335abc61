"""The gateway: one address. It owns no streams and decides nothing."""
