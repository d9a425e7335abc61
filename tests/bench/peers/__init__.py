"""Other people's stores and runners: scripts, in environments of their own (`environments.py`).

Only `measured` and `traffic` are shared with our side: they know the standard library alone.
"""
