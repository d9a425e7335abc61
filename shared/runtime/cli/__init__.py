"""The command line: `qudao`."""
