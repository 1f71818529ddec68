"""Who is who: person records become persons, with Splink's pair weights and clusters of our own.

`dataset.link_dataset` links a flat file; `night.link_night` links the warehouse. Both run the same
code: `records` (standardise), `blocking` (candidate pairs), `comparisons` and `training` (the
model), `scoring` (pair weights) and `clusters` (persons).
"""
