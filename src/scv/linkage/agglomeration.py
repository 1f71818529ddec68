"""Average-linkage agglomeration of many small groups at once.

Every group is a square table of what its pairs weigh. Groups of one size are worked on together, so
that a million records cost array operations and not a loop in Python. What becomes of a group
depends on its own table alone.
"""

from dataclasses import dataclass

import numpy as np

from scv.linkage.arrays import Floats, Ints, Mask

# Weights are summed as whole thousandths of a bit: sums of whole numbers do not depend on their order.
STEPS_PER_BIT = 1000.0
# Numbers of one table that are worked on together.
CELLS = 1_000_000


@dataclass
class _Batch:
    """Groups that are still being merged: sums and means between clusters, their sizes, who owns whom."""

    place: Ints
    sums: Floats
    mean: Floats
    counts: Floats
    owner: Ints
    barred: Mask

    def take(self, keep: Mask) -> "_Batch":
        return _Batch(
            self.place[keep],
            self.sums[keep],
            self.mean[keep],
            self.counts[keep],
            self.owner[keep],
            self.barred[keep],
        )


def agglomerate(tables: Floats, owner: Ints, barred: Mask) -> Ints:
    """In each group, merge the two clusters with the highest mean weight between them while it is positive.

    `tables` (groups, n, n) is symmetric, in bits, with zeros on the diagonal; `owner` (groups, n) says which
    members are one cluster from the start (by the smallest of them), `barred` (groups, n, n, symmetric) which
    pairs must never share one. The first of equal pairs is merged first. Gives `owner` after the last merge.
    """
    groups, size = owner.shape
    result = np.empty_like(owner)
    step = max(1, CELLS // (size * size))
    for start in range(0, groups, step):
        part = slice(start, start + step)
        batch = _start(tables[part], owner[part], barred[part])
        while len(batch.place):
            best = batch.mean.reshape(len(batch.place), -1)
            chosen = best.argmax(axis=1)
            busy: Mask = best[np.arange(len(chosen)), chosen] > 0
            if busy.sum() * 2 <= len(busy):
                result[part][batch.place[~busy]] = batch.owner[~busy]
                batch, chosen, busy = batch.take(busy), chosen[busy], busy[busy]
            if busy.any():
                _merge(batch, np.flatnonzero(busy), *np.divmod(chosen[busy], size))
    return result


def _start(tables: Floats, owner: Ints, barred: Mask) -> _Batch:
    groups, size = owner.shape
    counts = np.zeros((groups, size))
    np.add.at(counts, (np.arange(groups)[:, None], owner), 1.0)
    batch = _Batch(
        np.arange(groups), np.rint(tables * STEPS_PER_BIT), np.empty(0), counts, owner.copy(), barred.copy()
    )
    for member in range(1, size):
        moved = np.flatnonzero(owner[:, member] != member)
        if len(moved):
            _add_row(batch, moved, owner[moved, member], np.full(len(moved), member))
    with np.errstate(divide="ignore", invalid="ignore"):
        batch.mean = batch.sums / (counts[:, :, None] * counts[:, None, :])
    gone = counts == 0
    batch.mean[gone[:, :, None] | gone[:, None, :] | batch.barred] = -np.inf
    batch.mean[:, np.arange(size), np.arange(size)] = -np.inf
    return batch


def _merge(batch: _Batch, groups: Ints, into: Ints, gone: Ints) -> None:
    _add_row(batch, groups, into, gone)
    batch.counts[groups, into] += batch.counts[groups, gone]
    batch.counts[groups, gone] = 0.0
    owner = batch.owner[groups]
    batch.owner[groups] = np.where(owner == gone[:, None], into[:, None], owner)
    with np.errstate(divide="ignore", invalid="ignore"):
        row = batch.sums[groups, into] / (batch.counts[groups, into][:, None] * batch.counts[groups])
    row[(batch.counts[groups] == 0) | batch.barred[groups, into]] = -np.inf
    row[np.arange(len(groups)), into] = -np.inf
    batch.mean[groups, into] = batch.mean[groups, :, into] = row
    batch.mean[groups, gone] = batch.mean[groups, :, gone] = -np.inf


def _add_row(batch: _Batch, groups: Ints, into: Ints, gone: Ints) -> None:
    """Add the row and column of one member to another's, in each of these groups."""
    row = batch.sums[groups, into] + batch.sums[groups, gone]
    batch.sums[groups, into] = batch.sums[groups, :, into] = row
    apart = batch.barred[groups, into] | batch.barred[groups, gone]
    batch.barred[groups, into] = batch.barred[groups, :, into] = apart
