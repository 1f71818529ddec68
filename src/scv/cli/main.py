"""The command line `scv`: finds the command groups, and turns errors into one clear line and an exit code."""
