"""Findings: what looks wrong, from the night it was first seen to the night an extract proved it over."""
