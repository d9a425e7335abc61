"""Real servers for tests, on loopback; never part of the wheel."""
