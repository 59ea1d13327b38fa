"""Documents about the bundled fields, written from their cards.

python fields/documents.py   writes docs/fields.md and ATTRIBUTION.md
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from faker_neural import Card, bundled, load
from faker_neural._model_file.row_columns import shown

ROOT = Path(__file__).parents[1]
RECIPES = tomllib.loads(Path(__file__).with_name("recipes.toml").read_text(encoding="utf-8"))
FIELDS = ROOT / "docs" / "fields.md"
ATTRIBUTION = ROOT / "faker_neural" / "models" / "ATTRIBUTION.md"
BEGIN, END = "<!-- figures: make documents -->", "<!-- end of figures -->"
BEGIN_ROWS, END_ROWS = "<!-- rows: make documents -->", "<!-- end of rows -->"


def main() -> None:
    """Write docs/fields.md and ATTRIBUTION.md."""
    cards = {name: load(path).card for name, path in bundled().items()}
    page = with_figures(FIELDS.read_text(encoding="utf-8"), cards)
    FIELDS.write_text(page, encoding="utf-8")
    ATTRIBUTION.write_text(attribution(cards), encoding="utf-8")


def divided(cards: dict[str, Card]) -> tuple[dict[str, Card], dict[str, Card]]:
    """Return the cards of the fields and the cards of the models of rows."""
    fields = {name: card for name, card in cards.items() if not card.columns}
    return fields, {name: card for name, card in cards.items() if card.columns}


def with_figures(page: str, cards: dict[str, Card]) -> str:
    """Return the page of the fields with the figures of the cards in place of the old figures."""
    fields, rows = divided(cards)
    before, _, rest = page.partition(BEGIN)
    parts = [before + BEGIN, figures(fields), misses(fields), samples(fields)]
    page = "\n\n".join([*parts, END + rest.partition(END)[2]])
    before, _, rest = page.partition(BEGIN_ROWS)
    parts = [before + BEGIN_ROWS, *(of_rows(name, card) for name, card in rows.items())]
    return "\n\n".join([*parts, END_ROWS + rest.partition(END_ROWS)[2]])


def of_rows(name: str, card: Card) -> str:
    """Return the figures and samples of a model of rows."""
    found = card.evaluation
    held_out, rows = int(found["held_out_lines"]), int(card.data["lines"])
    others = ("real_", "independent_", "given ")
    pairs = [key for key in found if " > " in key and not key.startswith(others)]
    table = [("", name, "real", "independent", "one column given"), ("---",) * 5]
    for title, key in (
        ("AUC of whole rows against real rows", "auc"),
        ("not a training row", "new"),
        *((f"{pair.replace(' > ', ' fits ')}", pair) for pair in pairs),
    ):
        values = (found.get(f"{prefix}{key}", "") for prefix in ("", "real_", "independent_"))
        cells = (f"{value:.3f}" if value != "" else "" for value in values)
        table.append((title, *cells, _worst_given(card, key)))
    return "\n".join(
        [
            f"### {name}",
            "",
            f"Columns {', '.join(column.name for column in card.columns)}; {rows - held_out:,} "
            f"rows learned, {held_out:,} held out.",
            "",
            *(f"| {' | '.join(row)} |" for row in table),
            "",
            *(f"- `{shown(golden.text)}`" for golden in card.golden[:6]),
        ]
    )


def _worst_given(card: Card, figure: str) -> str:
    """Return the worst figure of rows with one column given, and the name of this column."""
    given = {
        column.name: float(card.evaluation[f"given {column.name}: {figure}"])
        for column in card.columns
        if f"given {column.name}: {figure}" in card.evaluation
    }
    if not given:
        return ""
    worst = (max if figure == "auc" else min)(given, key=lambda name: given[name])
    return f"{given[worst]:.3f} ({worst})"


def figures(cards: dict[str, Card]) -> str:
    """Return a table with a row per field; the 6-gram's figure and the floor follow each figure."""
    head = (
        "field",
        "learned / held out",
        "unknown words",
        "new words",
        "unseen pairs",
        "bits a character",
        "AUC",
        "lengths, KS",
        "unique",
        "new",
        "near copies",
        "copied run, median / longest",
    )
    rows = [head, ("---",) * len(head)]
    rows += [_row(name, card) for name, card in cards.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(name: str, card: Card) -> tuple[str, ...]:
    found = card.evaluation
    held_out, lines = int(found["held_out_lines"]), int(card.data["lines"])

    def beside(figure: str, form: str) -> str:
        prefixes = [prefix for prefix in ("", "ngram_", "real_") if prefix + figure in found]
        shown = [format(found[prefix + figure], form) for prefix in prefixes]
        return f"**{shown[0]}** {' '.join(shown[1:])}" if shown else ""

    return (
        f"`{name}`",
        f"{lines - held_out:,} / {held_out:,}",
        beside("unknown_words", ".2f"),
        beside("new_words", ".2f"),
        beside("unseen_pairs", ".2f"),
        beside("bits_per_character", ".3f"),
        beside("auc", ".3f"),
        beside("length_ks", ".3f"),
        beside("unique", ".1%"),
        beside("new", ".1%"),
        beside("near_copies", ".1%"),
        f"{beside('copied_run', '.0f')} / {beside('longest_copied_run', '.0f')}",
    )


def misses(cards: dict[str, Card]) -> str:
    """Return the targets that each field misses."""
    aims = (
        "Aimed at were bits below the 6-gram's, an AUC of 0.57 and not over the 6-gram's + 0.02,\n"
        "a KS of 0.06, 97 % unique, 85 % new (95 % of sentences), no more new words than real\n"
        "lines have, and no more unknown words than theirs + 3 %. Missed:\n"
    )
    missed = {name: card.evaluation["misses"] for name, card in cards.items()}
    return "\n".join([aims, *(f"- `{name}`: {by}" for name, by in missed.items() if by != "none")])


def samples(cards: dict[str, Card]) -> str:
    """Return the first three golden strings of each field and its option `verbatim`."""
    return "\n\n".join(
        f"**{name}** ({card.options['verbatim']}): "
        + ", ".join(f"`{golden.text}`" for golden in card.golden[:3])
        for name, card in cards.items()
    )


def attribution(cards: dict[str, Card]) -> str:
    """Return the source, licence and attribution of each field's data, as the wheel holds them."""
    parts = [
        "# What the bundled fields were learned from",
        "Each model was learned from the data named here. The data itself is not part of this\n"
        "package. It was modified: a tenth of its lines was held out, some columns were cleaned,\n"
        "and a network learned to write lines like the others.",
    ]
    for name, card in cards.items():
        recipe = RECIPES["rows" if card.columns else "fields"][name]
        said = [f"Source: {card.data['source']}.", f"Licence: {card.data['licence']}."]
        said += [f"Cleaned: {card.data['cleaned']}."] if "cleaned" in card.data else []
        said += [recipe["attribution"]] if "attribution" in recipe else []
        parts.append("\n".join([f"## {name}", "", *said]))
    parts.append(
        "## The base\n\n"
        "`train --start-from base` continues a network that was learned from parts of the columns\n"
        f"{', '.join(RECIPES['base']['columns'])}; what is said of them above holds for it."
    )
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
