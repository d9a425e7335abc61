"""Speed, as ratios in one run: no test asserts a time."""
