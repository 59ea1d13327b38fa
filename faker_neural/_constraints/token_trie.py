"""The tokens of a model as a trie, so that beginnings that tokens share are followed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenTrie", "token_tries"]


class TokenTrie:
    """Follows every token from several states of an automaton of characters.

    Args:
        texts: the text of each token; "" for a token that never follows.

    Attributes:
        sizes: the number of characters in each token.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.sizes = list(map(len, texts))
        self._levels = [_Level(texts, depth + 1) for depth in range(max(self.sizes))]

    def follow(
        self, following: Callable[[str], NDArray[np.int32]], states: NDArray[np.int32], dead: int
    ) -> NDArray[np.int32]:
        """Return the state after each token.

        Args:
            following: returns the state after a character from each state, int32 [all states].
            states: int32 [states], the states before the token.
            dead: the state of a text that is not possible.

        Returns:
            int32 [states, tokens].
        """
        result = np.full((len(states), len(self.sizes)), dead, dtype=np.int32)
        at = states[:, None]  # [states, beginnings of one length]
        for level in self._levels:
            moves = np.stack([following(character) for character in level.characters])
            at = moves[level.character, at[:, level.parent]]
            result[:, level.tokens] = at[:, level.place]
        return result


class _Level:
    """The beginnings of `depth` characters, sorted.

    Attributes:
        parent: intp [beginnings], the place of the beginning that is one character shorter.
        character: intp [beginnings], the index of the last character.
        characters: the last characters.
        tokens: intp [tokens], the tokens that have `depth` characters.
        place: intp [tokens], the place of each among the beginnings.
    """

    def __init__(self, texts: Sequence[str], depth: int) -> None:
        beginnings = _beginnings(texts, depth)
        shorter = {text: i for i, text in enumerate(_beginnings(texts, depth - 1))}
        self.parent = np.array([shorter[text[:-1]] for text in beginnings])
        self.characters = sorted({text[-1] for text in beginnings})
        index = {character: i for i, character in enumerate(self.characters)}
        self.character = np.array([index[text[-1]] for text in beginnings])
        places = {text: i for i, text in enumerate(beginnings)}
        ended = [(i, places[text]) for i, text in enumerate(texts) if len(text) == depth]
        self.tokens, self.place = np.array(ended, dtype=np.intp).reshape(-1, 2).T


def _beginnings(texts: Sequence[str], depth: int) -> list[str]:
    return sorted({text[:depth] for text in texts if len(text) >= depth})


@lru_cache(maxsize=8)
def token_tries(
    tokens: tuple[str, ...], never: frozenset[int], *, trimmed: bool
) -> tuple[TokenTrie, TokenTrie]:
    """Return the tries of the tokens inside a text and of those that begin one.

    Args:
        tokens: the string of each token.
        never: the ids that are never drawn.
        trimmed: whether the first token of a text loses the white space before it.
    """
    inside = ["" if i in never else token for i, token in enumerate(tokens)]
    first = [token.lstrip() for token in inside] if trimmed else inside
    return TokenTrie(inside), TokenTrie(first)
