"""The whole product as a real process, used as others use it."""
