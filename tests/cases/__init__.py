"""The numbered cases of the domain, at the level of the API."""
