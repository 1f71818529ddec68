"""Housing: rent charged every week and paid every month."""

import numpy as np

from scv.demo.calendar import instants
from scv.demo.systems.housing import Housing

MOST_TRANSACTIONS = 20_000_000


def charge_rents(housing: Housing) -> None:
    """Weekly charges (RNT) and monthly payments (PAY) of every tenancy within the span."""
    world, tenancies = housing.world, housing.tenancies
    if not tenancies:
        return
    random = np.random.default_rng([world.seed, world.block, 33])
    opened = np.array([max(t[2], world.span.start - 90) for t in tenancies])
    ended = np.array([min(t[3], world.span.end) for t in tenancies])
    stopped = np.array([min(t[3], t[4], world.span.end) for t in tenancies])
    rent = np.round(random.uniform(78, 145, len(tenancies)), 2)
    good = random.random(len(tenancies)) < 0.8
    which, days, amounts, kinds = [], [], [], []
    # 1 January 1970 was a Thursday: Mondays are the days that leave 4 when divided by 7.
    first = world.span.start - 90
    for day in range(first + (4 - first) % 7, world.span.end, 7):
        due = np.flatnonzero((opened <= day) & (day < ended))
        which.append(due)
        days.append(np.full(len(due), day))
        amounts.append(rent[due])
        kinds.append(np.zeros(len(due), dtype=np.int64))
    for day in range(first, world.span.end, 28):
        when = day + random.integers(0, 9, len(tenancies))
        pays = (
            (opened <= when) & (when < stopped) & (random.random(len(tenancies)) < np.where(good, 0.98, 0.7))
        )
        paid = np.flatnonzero(pays)
        which.append(paid)
        days.append(when[paid])
        amounts.append(-np.round(rent[paid] * 4, 2))
        kinds.append(np.ones(len(paid), dtype=np.int64))
    account, day = np.concatenate(which), np.concatenate(days).astype(np.int64)
    amount, kind = np.concatenate(amounts), np.concatenate(kinds)
    order = np.lexsort((kind, account, day))
    account, day, amount, kind = account[order], day[order], amount[order], kind[order]
    tags = np.array([t[0] for t in tenancies], dtype=object)
    housing.rows["rtrans"].add_bulk(
        day,
        {
            "trans_id": np.arange(len(day)) + 1 + world.block * MOST_TRANSACTIONS,
            "tag_ref": tags[account],
            "trans_type": np.array(["RNT", "PAY"], dtype=object)[kind],
            "post_date": day,
            "real_value": amount,
            "posted_at": instants(day, 68_000 + np.arange(len(day)) % 16_000),
        },
    )
