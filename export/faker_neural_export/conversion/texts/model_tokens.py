"""The tokens of a model to convert, and where its texts begin and end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faker_neural import ConversionError, OptionError
from faker_neural._encoding import Encoder
from faker_neural_export.vocabulary.imported.file import read_tokens
from faker_neural_export.vocabulary.imported.listed import ListedTokens, parse_tokens
from faker_neural_export.vocabulary.imported.sizes import ModelSizes, fit_tokens
from faker_neural_export.vocabulary.imported.spacing import find_separator, with_separator
from faker_neural_export.vocabulary.imported.writer import TextWriter

__all__ = ["ModelTokens", "TokenSource", "list_tokens"]

TokenSource = str | os.PathLike[str] | Sequence[str] | Mapping[str, int] | ListedTokens


def list_tokens(tokens: TokenSource, *, learned_here: bool = False) -> ListedTokens:
    """Return tokens as they are listed, from a file or from Python.

    Args:
        tokens: a file, see `read_tokens`, or a list or a mapping, see `parse_tokens`; or tokens
            that are listed already.
        learned_here: whether `train` made the tokens: then a token's name, such as "UNK", means
            nothing, and words have the space before them.

    Raises:
        MissingFileError: the file does not exist.
        ConversionError: the tokens cannot be read.
    """
    if isinstance(tokens, ListedTokens):
        return tokens
    if learned_here and isinstance(tokens, list | tuple):
        return ListedTokens("tokens", tuple(tokens), are_words=False)
    if isinstance(tokens, str | os.PathLike):
        return read_tokens(tokens)
    return parse_tokens("tokens", tokens)


@dataclass(frozen=True, slots=True)
class ModelTokens:
    """The tokens of a model.

    Args:
        listed: the tokens, one for each id of the model.
        separator: the white space before each word, or "".
        strings: the tokens with their separator, as the card has them.
        notes: lines that say what was assumed.
    """

    listed: ListedTokens
    separator: str
    strings: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        path: str | os.PathLike[str],
        listed: ListedTokens,
        sizes: ModelSizes | None,
        separator: str | None,
    ) -> ModelTokens:
        """Fit tokens to a model, and put the separator before words.

        Args:
            path: the model's name in errors.
            listed: the tokens.
            sizes: the sizes of the model; None to take the tokens as they are.
            separator: white space or ""; None for a space if the tokens are words, else "".

        Raises:
            ConversionError: the model has one id more or less, and it is not plain which one.
        """
        notes = list[str]()
        if sizes:
            listed, said = fit_tokens(path, listed, sizes)
            notes += [said] if said else []
        guessed = separator is None
        separator = find_separator(listed) if separator is None else separator
        if guessed and separator:
            guess = "" if listed.are_words else "; this is a guess, which --separator '' turns off"
            notes.append(f"words are joined by {separator!r}{guess}")
        return cls(listed, separator, with_separator(listed.tokens, separator), tuple(notes))

    def writer(self) -> TextWriter:
        """Return a writer of texts with these tokens."""
        return TextWriter(self.listed, self.separator)

    def start(self, wanted: str | None) -> int:
        """Return the id before the first token of a text.

        Args:
            wanted: the token; None for one such as "<start>", else a line break, else a space,
                else the first token.

        Raises:
            OptionError: there is no such token.
        """
        if wanted is None:
            wanted = self.listed.start
        return self._id("start", wanted, ("\n", " ", *filter(None, self.strings)))

    def end(self, wanted: str | None) -> int | None:
        """Return the id that ends a text, or None.

        Args:
            wanted: the token; None for one such as "<end>", else a line break, if there is one.

        Raises:
            OptionError: there is no such token.
        """
        if wanted is None:
            wanted = self.listed.end
        if wanted is None and "\n" not in self.strings:
            return None
        return self._id("end", wanted, ("\n",))

    def openings(
        self, path: str | os.PathLike[str], openings: Sequence[str]
    ) -> tuple[tuple[int, ...], ...]:
        """Return the ids of openings.

        Args:
            path: the model's name in errors.
            openings: texts.

        Raises:
            ConversionError: an opening has a character or a word without a token.
        """
        encoder, writer = Encoder(self.strings), self.writer()
        try:
            if self.separator:
                openings = [writer.write(opening) for opening in openings]
                for word in writer.left_out:
                    raise ValueError(f"no token is the word {word!r}")
            return tuple(tuple(encoder(opening)) for opening in openings if opening)
        except ValueError as error:
            raise ConversionError(path, f"cannot begin with an opening: {error}") from None

    def _id(self, name: str, wanted: str | None, default: Sequence[str]) -> int:
        if wanted is None:
            wanted = next(token for token in default if token in self.strings)
        for token in (wanted, self.separator + wanted):
            if token in self.strings:
                return self.strings.index(token)
        raise OptionError(name, wanted, "must be one of the model's tokens")
