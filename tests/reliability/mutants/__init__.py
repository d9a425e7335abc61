"""Bugs that were planted on purpose, as patches, and the test that catches each.

A check that cannot fail is a defect. The product has no switches for faults: each patch is
applied to a copy of the tree, and its test must go red there.
"""
