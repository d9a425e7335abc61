"""Orders: submitted, decided against credit and by the director, paid, shipped."""
