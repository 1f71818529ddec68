"""Doubtful pairs, for a person to look at."""

from collections.abc import Mapping, Sequence

import numpy as np

from scv.linkage.evidence import probability
from scv.linkage.partition import Partition

# A pair at least this likely that ends up apart, or a record that nothing ties more surely, is doubtful.
LIKELY, SURE = 0.5, 0.99


def find_doubtful(
    keys: Sequence[str], partition: Partition, customer: Mapping[str, str]
) -> list[tuple[str, str, float, str]]:
    """record_key_l, record_key_r, match_probability and reason, ordered by key.

    `likely_but_apart`: more likely one person than not, yet two customers. `weak_link`: the surest tie of a
    record to its customer is below 99 %.
    """
    left, right = partition.edges.left, partition.edges.right
    chance = probability(partition.edges.weight)
    names = {name: i for i, name in enumerate(dict.fromkeys(customer.values()))}
    number = np.array([names[customer[key]] for key in keys], np.int64)
    together = number[left] == number[right]
    surest = np.zeros(len(keys))
    np.maximum.at(surest, left[together], chance[together])
    np.maximum.at(surest, right[together], chance[together])
    apart = ~together & (chance >= LIKELY)
    # The record's own surest tie only, so that a weak record brings one row and not one per fellow.
    weak = together & (chance < SURE) & ((chance == surest[left]) | (chance == surest[right]))
    rows = []
    for mask, reason in ((apart, "likely_but_apart"), (weak, "weak_link")):
        for i in np.flatnonzero(mask).tolist():
            rows.append((keys[left[i]], keys[right[i]], round(float(chance[i]), 6), reason))
    return sorted(rows)
