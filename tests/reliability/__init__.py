"""Faults, and an oracle of its own for each: nothing lost, nothing doubled, n beside each zero.

`make reliability` runs the commit tier, `make soak` (QUDAO_SOAK=1, or `--soak`) the long one.
A suite keeps its own journal outside of what it breaks (`journal`), says what was found
(`tally`), and takes the number of its trials from the tier (`tiers`).
"""
