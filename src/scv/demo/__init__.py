"""The synthetic council: a simulated town whose departments keep their data as real ones do.

Nothing else in the package imports this one; the command line's demo commands and tests do.
"""
