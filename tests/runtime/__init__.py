"""The runtime: its front door, whole processes, and all contexts together."""
