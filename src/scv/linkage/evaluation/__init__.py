"""How good links are, where the truth is known: by hand-checked pairs, a simulation or a labelled set.

Only counts and shares leave this package, never a value of a record.
"""
