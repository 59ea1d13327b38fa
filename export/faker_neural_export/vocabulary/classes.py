"""Classes of tokens with similar neighbours, for a factored softmax."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from faker_neural import Card, OptionError

__all__ = ["Classes", "learn_classes"]

_DIMENSIONS, _ROOM = 40, 1.1  # capacity of a class, times the mean size

Classes = tuple[tuple[int, ...], tuple[int, ...]]
"""The token ids in the order of their classes, and the number of tokens in each class."""


def learn_classes(
    lines: Sequence[Sequence[int]],
    tokens: int,
    count: int,
    *,
    alone: Sequence[int] = (0,),
    kinds: Sequence[int] = (),
) -> Classes:
    """Assign each token to a class.

    The positive pointwise mutual information of each token with its neighbours is reduced to 40
    dimensions and clustered by k-means. Each token then joins the most similar class that is not
    full, the most similar tokens first.

    Source: Bullinaria and Levy, "Extracting semantic representations from word co-occurrence
    statistics: stop-lists, stemming, and SVD", 2012.

    Args:
        lines: the token ids of each line, without the boundary. The lines are joined with the
            first token of `alone` between them.
        tokens: the number of tokens.
        count: the number of classes, 2 to 128, including those of `alone`. Classes that stay empty
            are left out.
        alone: tokens that each get a class of their own. These classes come first.
        kinds: the kind of each token. Tokens of different kinds are never in one class, and the
            classes are in the order of their kinds. If empty, all tokens are of one kind.

    Returns:
        The token ids in the order of their classes, and the number of tokens in each class.

    Raises:
        OptionError: `count` is too small for the tokens, at 128 tokens in a class.
    """
    others, kind = np.setdiff1d(np.arange(tokens), alone), np.array(kinds or [0] * tokens)
    groups = [others[kind[others] == one] for one in np.unique(kind[others])]
    shared = _shares([len(group) for group in groups], count - len(alone))
    if not shared:
        least = len(alone) + sum(math.ceil(len(group) / Card.largest_class) for group in groups)
        rule = f"for {tokens:,} tokens, of which a class holds {Card.largest_class}"
        raise OptionError("classes", count, f"must be at least {least} {rule}")
    counts, neighbours = _neighbours(lines, tokens, alone[:1])
    order, sizes = list(alone), [1] * len(alone)
    for group, classes in zip(groups, shared, strict=True):
        places, centres = _cluster(neighbours[group], counts[group] + 1, classes)
        room = min(math.ceil(len(group) / classes * _ROOM), Card.largest_class)
        chosen = _fill(places @ centres.T, room)
        found = [group[chosen == number] for number in range(classes)]
        order += [token for members in found for token in members.tolist()]
        sizes += [len(members) for members in found if len(members)]
    return tuple(order), tuple(sizes)


def _shares(sizes: Sequence[int], classes: int) -> list[int]:
    """Divide the classes among groups of tokens, so that all classes have similar sizes.

    Returns:
        The number of classes of each group; empty if there are too few classes.
    """
    shares = [math.ceil(size / Card.largest_class) for size in sizes]
    if sum(shares) > classes:
        return []
    for _ in range(classes - sum(shares)):
        fullest = max(range(len(sizes)), key=lambda i: sizes[i] / shares[i])
        shares[fullest] += shares[fullest] < sizes[fullest]
    return shares


def _neighbours(
    lines: Sequence[Sequence[int]], tokens: int, between: Sequence[int]
) -> tuple[NDArray[np.float64], csr_array]:
    """Count the tokens, and weigh the right and left neighbours of each by positive PMI.

    Returns:
        The counts, float64 [tokens], and the weights, float64 [tokens, 2 * tokens].
    """
    joined = np.array([i for line in lines for i in (*between, *line)] + [*between])
    size = (tokens, tokens)
    ones = np.ones(len(joined) - 1)
    following = coo_array((ones, (joined[:-1], joined[1:])), shape=size).tocsr()
    beside = hstack([following, following.T]).tocoo()
    weights = np.log1p(beside.data)
    weighted = coo_array((weights, beside.coords), shape=beside.shape).tocsr()
    rows, columns = (np.asarray(weighted.sum(axis=axis)).ravel() for axis in (1, 0))
    row, column = beside.coords
    information = np.log(weights * weights.sum() / (rows[row] * columns[column]))
    positive = coo_array((np.maximum(information, 0), beside.coords), shape=beside.shape)
    return np.bincount(joined, minlength=tokens).astype(np.float64), positive.tocsr()


def _cluster(
    neighbours: csr_array, counts: NDArray[np.float64], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a unit vector for each token [tokens, dimensions], and the centres of the clusters."""
    dimensions = min(_DIMENSIONS, neighbours.shape[0] - 1, neighbours.shape[1] - 1)
    if dimensions < 1:
        places = np.ones((neighbours.shape[0], 1))
    else:
        with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0 if all neighbours are equal
            found = TruncatedSVD(dimensions, random_state=0).fit_transform(neighbours)
        places = normalize(found)
    different = min(classes, len(np.unique(places.round(6), axis=0)))
    found = KMeans(different, n_init=1, random_state=0).fit(places, sample_weight=counts)
    centres = normalize(found.cluster_centers_)
    return places, np.resize(centres, (classes, centres.shape[1]))  # repeated if too few


def _fill(similarity: NDArray[np.float64], room: int) -> NDArray[np.intp]:
    """Return the most similar class with room for each token, the most similar tokens first."""
    chosen = np.full(len(similarity), -1, dtype=np.intp)
    left = np.full(similarity.shape[1], room)
    preferred = np.argsort(-similarity, axis=1, kind="stable")
    for token in np.argsort(-similarity.max(axis=1), kind="stable").tolist():
        chosen[token] = next(number for number in preferred[token] if left[number])
        left[chosen[token]] -= 1
    return chosen
