"""What agreement means among one person, one household and by chance: expectation maximisation.

Three kinds of pairs at once, because two would take the members of a household for one person. Where
the data cannot tell the kinds apart by themselves, the steps below say what else is known.
"""

from collections.abc import Collection

import numpy as np

from scv.linkage.arrays import Floats, Gammas, Mask
from scv.linkage.comparisons import BY_NAME, Comparison
from scv.linkage.evidence import APART, SOURCE_PRIOR_MATCHES, Agreement, Parameters, probability, weigh

ROUNDS = 12
# What a level that was never seen counts as. Among the same person MISTAKEN already stands for the rare ones.
SMOOTHING, SMOOTHING_SAME = 0.5, 0.05
# Bits by which a pair must look more like one person than like two of a household, and how many such pairs
# (expected matches) it takes, to learn from them how one person's forenames differ.
TOLD = 4.0
ENOUGH_TOLD = 50.0
# Share of namesakes in a household: where too few pairs show it, and the bounds of what may be learnt.
USUAL_NAMESAKES, FEWEST_NAMESAKES, MOST_NAMESAKES = 0.004, 0.002, 0.05
ENOUGH_APART = 200
# Share of values that belong to somebody else altogether: bounds how much one disagreement can say. Birth
# dates and numbers are looked up or copied, names and addresses typed.
MISTAKEN, MISTAKEN_SELF = 0.01, 0.002
# Share of records that stand twice in a source whose keys are meant to be persons.
MOST_DUPLICATES = 0.05


def maximise(
    parameters: Parameters, comparisons: list[Comparison], agreement: Agreement, share: float, records: int
) -> None:
    """Expectation maximisation of m, h, the shares of M and H, and the rates by pair of sources."""
    possible = records * (records - 1) / 2
    units = len(parameters.sources)
    parameters.same_by_source, parameters.household_by_source = (
        np.ones((units, units)),
        np.ones((units, units)),
    )
    sizes = _pairs_by_source(parameters)
    parameters.same = parameters.household = min(0.2 * len(agreement) / share / possible, 0.05)
    namesakes = _learn_namesakes(parameters, comparisons, agreement)
    for comparison in comparisons:
        parameters.h[comparison.name] = _household_start(comparison, parameters, namesakes)
    for number in range(ROUNDS):
        weights = weigh(parameters, agreement)
        same = probability(weights.total)
        home = (1 - same) * probability(weights.home)
        parameters.same = max(same.sum() / share / possible, 1e-12)
        parameters.household = max(home.sum() / share / possible, 1e-12)
        learn_same(parameters, comparisons, agreement, same)
        for comparison in comparisons:
            name = comparison.name
            if comparison.role in ("person", "self"):
                parameters.h[name] = share_levels(agreement.gamma[name], home, comparison)
            else:
                parameters.h[name] = _household_start(comparison, parameters, namesakes)
        if number >= ROUNDS // 2:
            parameters.same_by_source = _rates(same / share, agreement, parameters.same * sizes)
            parameters.household_by_source = _rates(home / share, agreement, parameters.household * sizes)


def learn_same(
    parameters: Parameters, comparisons: list[Comparison], agreement: Agreement, same: Floats
) -> None:
    """m of every comparison, from the probability of each pair to be one person."""
    by_numbers, by_all = _tell_self(parameters, comparisons, agreement, same)
    for comparison in comparisons:
        name = comparison.name
        weight = same
        if comparison.role == "forename":
            weight = same * by_all
        elif name == "birth_date":
            weight = same * by_numbers
        trained = share_levels(agreement.gamma[name], weight, comparison, SMOOTHING_SAME)
        if comparison.short:
            trained = _level_short(trained, parameters.u[name], *comparison.short)
        mistaken = MISTAKEN_SELF if comparison.role == "self" else MISTAKEN
        m = (1 - mistaken) * trained + mistaken * parameters.u[name]
        m[0] = min(m[0], parameters.u[name][0])  # to differ never speaks for one person
        parameters.m[name] = m


def _level_short(shares: Floats, chance: Floats, agrees: int, differs: int) -> Floats:
    """Shares with as much in the two levels of shortened values as chance has, divided as whole values are.

    That a name is cut to its initial says nothing; an initial agrees as often as a whole name is not another.
    """
    cut = np.zeros(len(shares), bool)
    cut[[agrees, differs]] = True
    levelled: Floats = shares * chance[~cut].sum() / shares[~cut].sum()
    other = levelled[0] / chance[~cut].sum()
    levelled[agrees] = (1 - other) * chance[cut].sum()
    levelled[differs] = other * chance[cut].sum()
    return levelled


def _tell_self(
    parameters: Parameters, comparisons: list[Comparison], agreement: Agreement, same: Floats
) -> tuple[Mask, Mask]:
    """Pairs in which numbers, and in which numbers or the birth date tell one person from the rest of a household.

    How often one person's forenames differ can only be learnt from these: elsewhere every other member of
    the household would pass for the same person under another forename, a little, and there are many.
    Numbers tell best; without enough of them the birth date, which twins share; without it every pair counts.
    How often birth dates differ can only be learnt where numbers tell: elsewhere father and son would teach it.
    """
    numbers = np.zeros(len(agreement))
    all_bits = np.zeros(len(agreement))
    for comparison in comparisons:
        if comparison.role == "self":
            name = comparison.name
            table = np.log2(parameters.m[name] / parameters.h[name])
            bits = np.concatenate([table, [0.0]])[agreement.gamma[name]]
            all_bits += bits
            if name != "birth_date":
                numbers += bits
    everybody: Mask = np.ones(len(agreement), bool)
    by_numbers, by_all = numbers >= TOLD, all_bits >= TOLD
    if float(same[by_numbers].sum()) >= ENOUGH_TOLD:
        return by_numbers, by_numbers
    return everybody, by_all if float(same[by_all].sum()) >= ENOUGH_TOLD else everybody


def _learn_namesakes(parameters: Parameters, comparisons: list[Comparison], agreement: Agreement) -> float:
    """How many more members of a household share a forename than chance has: sons named after fathers.

    Looked up among pairs of one home whose birth dates lie far apart, who are hardly ever one person.
    """
    names = {comparison.name for comparison in comparisons}
    if not {"home", "birth_date", "forename"} <= names:
        return USUAL_NAMESAKES
    # Of these pairs all are looked at; of others at one home only those that blocking finds, by their names.
    same_address = agreement.gamma["home"] == len(BY_NAME["home"].levels)
    far = same_address & (agreement.gamma["birth_date"] == 0)
    forename = agreement.gamma["forename"][far]
    if len(forename) < ENOUGH_APART:
        return USUAL_NAMESAKES
    share = float((forename == len(BY_NAME["forename"].levels)).mean()) - float(parameters.u["forename"][-1])
    return min(max(share, FEWEST_NAMESAKES), MOST_NAMESAKES)


def _household_start(comparison: Comparison, parameters: Parameters, namesakes: float) -> Floats:
    """What members of a household share by nature: the home as one person writes it twice, forenames by chance."""
    name = comparison.name
    levels = len(comparison.levels) + 1
    if comparison.role == "forename":
        return namesakes * np.array([0.0, *reversed(comparison.namesakes)])
    if comparison.role == "place":
        shares = parameters.u[name] * APART
        top = slice(levels - comparison.same_home, levels)
        shares[top] = parameters.m[name][top] / parameters.m[name][top].sum()
        return shares
    return parameters.u[name].copy()


def _pairs_by_source(parameters: Parameters) -> Floats:
    """How many pairs of records there are between each two sources (within one source, on the diagonal)."""
    counts = np.asarray(parameters.source_sizes, float)
    sizes = np.outer(counts, counts)
    np.fill_diagonal(sizes, counts * (counts - 1) / 2)
    return sizes


def _rates(weight: Floats, agreement: Agreement, expected: Floats) -> Floats:
    """How many times the general rate each pair of sources has, drawn towards 1 where little is expected."""
    units = len(expected)
    low, high = (
        np.minimum(agreement.source_l, agreement.source_r),
        np.maximum(agreement.source_l, agreement.source_r),
    )
    seen = np.bincount(low.astype(np.int64) * units + high, weights=weight, minlength=units * units).reshape(
        units, units
    )
    rates = (seen + SOURCE_PRIOR_MATCHES) / (np.triu(expected) + SOURCE_PRIOR_MATCHES)
    return np.triu(rates) + np.triu(rates, 1).T


def bound_duplicates(parameters: Parameters, one_each: Collection[str]) -> None:
    """Hold the rate of pairs inside a source down to MOST_DUPLICATES of its records, where somebody vouches that
    a person stands there once: whatever was learnt beyond that are people who cannot be told apart there."""
    sizes = np.diag(_pairs_by_source(parameters))
    for place, (source, records) in enumerate(zip(parameters.sources, parameters.source_sizes, strict=True)):
        if source in one_each and sizes[place] > 0:
            most = MOST_DUPLICATES * records / (parameters.same * sizes[place])
            rates = parameters.same_by_source
            rates[place, place] = min(rates[place, place], most)


def expect_duplicates(parameters: Parameters) -> dict[str, float]:
    """By source, how many pairs of one person there are per record inside it."""
    pairs = parameters.same * np.diag(parameters.same_by_source) * np.diag(_pairs_by_source(parameters))
    records = np.maximum(np.asarray(parameters.source_sizes, float), 1)
    return {
        source: round(float(share), 4)
        for source, share in zip(parameters.sources, pairs / records, strict=True)
    }


def share_levels(
    gamma: Gammas, weight: Floats, comparison: Comparison, smoothing: float = SMOOTHING
) -> Floats:
    """Weighted share of each level among the pairs in which it is known, smoothed."""
    levels = len(comparison.levels) + 1
    known = gamma >= 0
    counts = np.bincount(gamma[known], weights=weight[known], minlength=levels) + smoothing
    return counts / counts.sum()
