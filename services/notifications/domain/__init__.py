"""Rules as data, episodes of a subject, and messages with their deliveries."""
