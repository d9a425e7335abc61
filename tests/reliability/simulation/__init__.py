"""The real contexts on a simulated clock, bus and stores, with faults at every call of a port.

One seed is one story: it replays exactly.
"""
