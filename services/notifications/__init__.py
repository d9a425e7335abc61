"""Notifications: who is told what, once, and the only doors through which we act on the world."""
