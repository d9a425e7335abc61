"""Notifications, specified."""
