"""Files of tokens: JSON, a vocabulary of one token per line, an array of NumPy; never a pickle."""

from __future__ import annotations

import io
import json
import os
import shlex
from pathlib import Path
from tokenize import TokenError

import numpy as np

from faker_neural import ConversionError, MissingFileError
from faker_neural._bounded_files import read_bounded

from .listed import ListedTokens, parse_tokens

__all__ = ["read_tokens"]

_LINES = (".txt", ".vocab", ".lst")
_PICKLES = (".pkl", ".pickle", ".p", ".pk", ".joblib", ".dill")
_STARTS = (b"\x80", b"(dp", b"(lp", b"ccopy_reg", b"c__builtin__", b"]q", b"}q")
_MOST_BYTES = 64 * 2**20
_NUMPY = b"\x93NUMPY"
_DAMAGED = (  # what NumPy raises of a damaged array
    *(ValueError, MemoryError, EOFError, SyntaxError, TokenError),
    *(OverflowError, TypeError, SystemError),
)


def read_tokens(path: str | os.PathLike[str]) -> ListedTokens:
    """Read the tokens of a model trained elsewhere.

    Args:
        path: a JSON file, of what `parse_tokens` reads; a text file of one token per line, as
            StringLookup and TextVectorization write it (.txt, .vocab); or a .npy file of strings.

    Returns:
        The tokens in the order of their ids.

    Raises:
        MissingFileError: the file does not exist.
        ConversionError: the file is a pickle, which is never loaded, since that runs the code in
            it; it is no file of these kinds; or `parse_tokens` refuses its tokens.
    """
    path = Path(path)
    try:
        content = read_bounded(path, _MOST_BYTES)
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such file of tokens") from None
    except IsADirectoryError:
        raise ConversionError(path, "is a folder; the tokens are a file") from None
    except OSError as error:
        raise ConversionError(path, f"cannot be read ({error.strerror})") from None
    if content.startswith(_NUMPY):
        return parse_tokens(path, _array(path, content))
    if _is_pickle(path, content):
        raise ConversionError(path, _how_to_write(path, content))
    return parse_tokens(path, _text(path, content))


def _is_pickle(path: Path, content: bytes) -> bool:
    named = path.suffix.lower() in _PICKLES and content.lstrip()[:1] not in (b"{", b"[")
    return named or content.startswith(_STARTS)


def _text(path: Path, content: bytes) -> object:
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        raise ConversionError(path, "is no text in UTF-8; the tokens are JSON or lines") from None
    if path.suffix.lower() in _LINES and text.lstrip()[:1] not in ("{", "["):
        return _lines(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if path.suffix.lower() in _LINES:
            return _lines(text)
        hint = "; one token per line is read from a .txt file" if "\n" in text.strip() else ""
        raise ConversionError(path, f"cannot be read as JSON ({error}){hint}") from None


def _lines(text: str) -> list[str]:
    """Return the token of each line; a line break that is a token makes two empty lines.

    A single line without a repeated character holds a token in each character.
    """
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if len(lines) == 1 and len(set(lines[0])) == len(lines[0]) > 1:
        return list(lines[0])
    tokens, i = list[str](), 0
    while i < len(lines):
        is_break = lines[i : i + 2] == ["", ""]
        tokens.append("\n" if is_break else lines[i])
        i += 1 + is_break
    return tokens


def _array(path: Path, content: bytes) -> list[str]:
    try:
        found = np.load(io.BytesIO(content), allow_pickle=False)
        if found.dtype.kind == "S":
            found = np.char.decode(found, "utf-8")
        tokens = found.tolist()
    except _DAMAGED as error:
        if "pickle" in str(error):
            raise ConversionError(path, _how_to_write(path, b"")) from None
        raise ConversionError(path, f"cannot be read as an array ({error})") from None
    if found.ndim != 1 or found.dtype.kind != "U":
        what = f"an array {list(found.shape)} of {found.dtype}"
        raise ConversionError(path, f"holds {what}; the tokens are one row of strings")
    return list(map(str, tokens))


def _how_to_write(path: Path, content: bytes) -> str:
    """Say that a pickle is not loaded, and print the command that writes JSON."""
    source, target = path.as_posix(), path.with_suffix(".json").as_posix()
    if path.suffix == ".npy":
        code = f"import json, numpy; found = numpy.load({source!r}, allow_pickle=True).tolist()"
    elif path.suffix == ".joblib":
        code = f"import json, joblib; found = joblib.load({source!r})"
    else:
        code = f"import json, pickle; found = pickle.load(open({source!r}, 'rb'))"
    found, other = "found", "lambda x: x.tolist()"  # NumPy's integers and arrays
    if b"Tokenizer" in content:
        found, other = "vars(found)", "str"
    code += f"; json.dump({found}, open({target!r}, 'w'), default={other})"
    safe = not set('"$`\\!') & set(code)
    typed = f'python -c "{code}"' if safe else f"python -c {shlex.quote(code)}"
    return (
        "is a pickle, which is not loaded here because it can run any code; if you trust it, "
        f"type this and give {target} instead: {typed}"
    )
