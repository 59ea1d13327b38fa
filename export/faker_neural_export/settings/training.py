"""The settings of `train`: how a column or a text is learned, checked once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from faker_neural import Card, OptionError
from faker_neural._described import described

from .checks import check_choice, check_number, check_positive

__all__ = ["MOST_WORDS", "Settings"]

TokenKind = Literal["char", "word", "piece"]
Input = Literal["embedding", "one-hot", "scaled"]
Text = Literal["lines", "running"]
End = Literal["none", "line"]
Contract = Literal["step", "window"]
Keep = Literal["best", "last"]

_CHOSEN = "chosen from the data"  # by `choose`, for a column
_CHOICES = {
    "tokens": TokenKind,
    "input": Input,
    "text": Text,
    "end": End,
    "contract": Contract,
    "keep": Keep,
}
_LEAST = {
    "embedding": 1,
    "epochs": 1,
    "patience": 1,
    "batch": 1,
    "max_length": 1,
    "window": 1,
    "stride": 0,
    "vocabulary": 2,
    "pieces": 0,
    "phrases": 0,
    "projection": 0,
    "classes": 0,
}
MOST_WORDS = 15_000  # tokens; 128 classes of 128 hold 16,384
_OF_RUNNING_TEXT = ("text", "window", "stride")
_OF_WORDS = ("pieces", "phrases", "spelling")
_FLAGS = ("lower", "words_only", "drop_stop_words", "match_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    r"""How to learn; the defaults suit a column of 5,000 to 50,000 short values on two cores.

    Args:
        tokens: the unit of text: "char", "word" or "piece". For a column, "word" means whole
            words, and pieces that spell rarer words; the vector of a word is composed of the
            vectors of its character n-grams.
        vocabulary: maximum number of word or piece tokens, at least 2.
        pieces: word tokens only: how many of these tokens are pieces, 0 or more; letters are
            always tokens.
        phrases: word tokens only: maximum number of multi-word tokens, 0 or more. A phrase occurs
            six times or more.
        spelling: word tokens only: share of the words that occur once or twice that training
            spells in pieces, 0 to 1, so that the model learns to spell.
        input: how a token enters the first layer: "embedding"; "one-hot"; or "scaled", its id
            divided by the number of tokens.
        embedding: size of the embedding, at least 1.
        units: size of each LSTM layer, at least 1: one number, a sequence with the first layer
            first, or text such as "256,256,128".
        projection: size of a layer between the last LSTM and the output, which makes a large
            vocabulary cheaper to run; 0 for none.
        classes: number of classes of a factored softmax, 2 to 128; 0 for none, or for the
            cheapest number with the words of a column. The model first chooses a class, then one
            of its up to 128 tokens. With many tokens this is faster than one choice among all
            tokens, and learns better.
        dropout: dropout rate of each layer, 0 to below 1.
        noising: share of the input tokens that training replaces by other tokens, 0 to below 1.
            It helps with little data (Xie et al., "Data noising as smoothing in neural network
            language models", 2017).
        match_length: whether to make the end less likely after training until generated values
            are as long as real values; for columns whose values come out short.
        epochs: maximum number of epochs, at least 1.
        keep: the epoch to export: "best" has the fewest bits on the held-out data; "last" has
            learned more by heart, so its texts read better and more of them equal a training
            line.
        patience: end after this many epochs without improvement, at least 1; only with
            keep="best".
        batch: batch size in lines or windows, at least 1.
        learning_rate: initial learning rate of Adam, above 0; it falls to 0 along a half cosine.
        seed: random seed of the weights, the order of the data and the dropout, 0 to 2**32 - 1.
        max_length: maximum length of a value of a column in characters, at least 1.
        lower: whether to convert the text to lower case.
        words_only: whether to keep only words, with a space between them (as NLTK's tokenizer of
            `\w+`).
        drop_stop_words: whether to drop the words of scikit-learn's English stop-word list; only
            with `words_only`.
        text: what the file holds: "lines", the values of a column in no order; or "running", one
            text from its first to its last token.
        window: running text only: tokens read at a time from a zero state, 1 to 10,000.
        stride: running text only: tokens from the start of one window to the next; 0 for the
            size of the window, so that an epoch reads every token once.
        end: running text only: what ends a generated text: "none", or "line" where each line of
            the text is a value.
        contract: running text only: "step", or "window" to feed the model the last `window`
            tokens for each new token, as the tutorials do.

    Raises:
        OptionError: a value is out of range, of the wrong type, or needs another setting.
    """

    tokens: TokenKind = described(
        "char", "Unit of text: characters, words or pieces of words.", default=_CHOSEN
    )
    vocabulary: int = described(1000, "Maximum number of tokens.", default=_CHOSEN)
    pieces: int = described(600, "Words: number of pieces that spell rare words.")
    phrases: int = described(1000, "Words: maximum number of multi-word tokens.")
    spelling: float = described(
        0.15, "Words: share of rare words spelled in training.", default=_CHOSEN
    )
    input: Input = described("embedding", "How tokens enter the network.")
    embedding: int = described(64, "Size of the embedding.", default=_CHOSEN)
    units: int | str | Sequence[int] = described(
        256, "Units of each LSTM layer, such as 256,256,128.", default=_CHOSEN
    )
    projection: int = described(0, "Size of a projection before the output; 0: none.")
    classes: int = described(0, "Classes of a factored softmax; 0: none, or chosen for words.")
    dropout: float = described(0.3, "Dropout rate.", default=_CHOSEN)
    noising: float = described(
        0.0, "Share of input tokens replaced at random in training.", default=_CHOSEN
    )
    match_length: bool = described(
        False, "Calibrate the length of generated values after training.", default=_CHOSEN
    )
    epochs: int = described(30, "Maximum number of epochs.", default=_CHOSEN)
    keep: Keep = described(
        "best", "Epoch to export: the best on held-out data, or the last.", default=_CHOSEN
    )
    patience: int = described(5, "Stop after this many epochs without improvement.")
    batch: int = described(64, "Batch size in lines or windows.")
    learning_rate: float = described(0.003, "Initial learning rate of Adam.")
    seed: int = described(0, "Random seed for weights, order and dropout.")
    max_length: int = described(1000, "Maximum length of a value in characters.")
    lower: bool = described(False, "Convert to lower case.")
    words_only: bool = described(False, "Keep only words.")
    drop_stop_words: bool = described(False, "Drop English stop words (scikit-learn's list).")
    text: Text = described("lines", "Values, one per line, or running text.")
    window: int = described(100, "Running text: tokens per window.")
    stride: int = described(0, "Running text: tokens between windows; 0: window.")
    end: End = described("none", "Running text: what ends a generated text.")
    contract: Contract = described("step", "Running text: feed one token or one window per step.")

    def __post_init__(self) -> None:
        self._check_units()
        for name, allowed in _CHOICES.items():
            check_choice(name, getattr(self, name), allowed)
        for name, least in _LEAST.items():
            below = Card.most_tokens + 1 if name == "window" else math.inf
            check_number(name, getattr(self, name), int, least, below)
        check_number("seed", self.seed, int, 0, 2**32)
        check_number("dropout", self.dropout, float, 0, 1)
        check_number("spelling", self.spelling, float, 0)
        if self.spelling > 1:
            raise OptionError("spelling", self.spelling, "must be at most 1")
        check_number("noising", self.noising, float, 0, 1)
        check_positive("learning_rate", self.learning_rate)
        self._check_classes()
        self._check_together()

    @property
    def layers(self) -> tuple[int, ...]:
        """The size of each LSTM layer."""
        return _layers(self.units)

    @property
    def composed(self) -> bool:
        """Whether the network has vectors of words made of n-grams', see ComposedEmbedding."""
        return self.tokens == "word" and self.text == "lines" and self.input == "embedding"

    @property
    def end_text(self) -> str:
        """The characters that end a text; none for a text that does not end by itself."""
        return "\n" if self.end == "line" else ""

    @property
    def step(self) -> int:
        """Tokens from the start of a window to the next one's."""
        return self.stride or self.window

    def recipe(self) -> dict[str, str | int | float | bool]:
        """Return every setting as one text or number; Settings(**recipe) is equal."""
        layers = self.layers
        units = layers[0] if len(layers) == 1 else ",".join(map(str, layers))
        return asdict(self) | {"units": units}

    def facts(self) -> dict[str, str | int | float | bool]:
        """Return the settings that shaped the model and have no other place in its card."""
        without = {name for name in (*_FLAGS, "noising") if not getattr(self, name)}
        without |= {"end", "contract"} | ({"classes"} if not self.classes else set())
        if not self.composed:
            without.update(_OF_WORDS)
        if self.text == "lines":
            without.update(_OF_RUNNING_TEXT)
        if self.input != "embedding":
            without.add("embedding")
        return {name: value for name, value in self.recipe().items() if name not in without}

    def _check_units(self) -> None:
        try:
            units = _layers(self.units)
        except (TypeError, ValueError):
            units = ()
        if not units:
            rule = "must be one size or several with commas between, such as 256,256,128"
            raise OptionError("units", self.units, rule)
        for size in units:
            check_number("units", size, int, 1)
        object.__setattr__(self, "units", units)

    def _check_classes(self) -> None:
        if self.classes == 1 or self.classes > Card.largest_class:
            raise OptionError("classes", self.classes, f"must be 0, or 2 to {Card.largest_class}")
        if self.composed and self.vocabulary > MOST_WORDS:
            rule = f"must be at most {MOST_WORDS:,} with words of a column"
            raise OptionError("vocabulary", self.vocabulary, rule)
        if self.composed and self.projection:
            rule = "is not for words of a column: the layer before them has the size of embedding"
            raise OptionError("projection", self.projection, rule)
        if self.classes and (self.input != "embedding" or self.contract == "window"):
            raise OptionError("classes", self.classes, "needs input=embedding and contract=step")

    def _check_together(self) -> None:
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise OptionError(name, getattr(self, name), "must be True or False")
        if self.drop_stop_words and not self.words_only:
            raise OptionError("drop_stop_words", True, "needs words_only")
        if self.text == "running" and self.match_length:
            raise OptionError("match_length", True, "needs a column of lines")
        if self.text == "lines" and self.contract == "window":
            raise OptionError("contract", "window", "needs running text; a line is read whole")
        if self.text == "lines" and self.end != "none":
            raise OptionError("end", self.end, "needs running text; a line ends by itself")


def _layers(units: int | str | Sequence[int]) -> tuple[int, ...]:
    if isinstance(units, str):
        return tuple(int(size) for size in units.split(","))
    return (units,) if isinstance(units, int | float) else tuple(units)
