"""The letter gate: every item judged before it is dispatched, and what went out held against what was advised.

`profiles` says what a file looks like, `files` reads and splits it, `addressees` finds who is meant, `knowledge`
is what the council knows now, `rules` judges one item, `screening` does it for a file, `dispatch` looks back.
"""
