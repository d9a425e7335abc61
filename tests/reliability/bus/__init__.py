"""The bus under faults: a real Kafka behind a proxy of ours, real processes, a journal beside.

Stores and views are files of a folder here: these rows are about what happens on the wire.
"""
