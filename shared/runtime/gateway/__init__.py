"""The role `gateway`: one address before the processes that host the contexts."""
