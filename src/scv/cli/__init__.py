"""The command line `scv`."""
