"""Published facts as they come, to whoever may see them: server-sent events with a cursor."""
