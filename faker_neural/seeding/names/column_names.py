"""Suggests the values of a column from its name and the name of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

__all__ = [
    "PROPOSED_OPTIONS",
    "Numbers",
    "SuggestedSource",
    "date_kind",
    "empty_share",
    "numbers",
    "period",
    "shape",
    "text",
    "words",
]

_SMALL, _LARGE = "a-zß-öø-ÿ", "A-ZÀ-ÖØ-Þ"
_WORD = re.compile(rf"[{_LARGE}]+(?![{_SMALL}])|[{_LARGE}]?[{_SMALL}]+|\d+|[^\W\d_]+")
_SINGULAR = {
    "movies": "movie",
    "cookies": "cookie",
    "people": "person",
    "persons": "person",
    "children": "child",
    "series": "series",
    "news": "news",
    "sales": "sale",
}

PROPOSED_OPTIONS = {"temperature": 0.7}
"""Options of proposed neural sources: temperature 0.7 gives fewer odd words than 1."""


@dataclass(frozen=True, slots=True)
class SuggestedSource:
    """A source suggested for text.

    Args:
        name: the name of the source, such as "faker:email".
        room: minimum number of characters that must fit into the column.
        options: the options of the source.
    """

    name: str
    room: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The range of numbers that a name suggests.

    Args:
        low: the smallest number.
        high: the largest number.
        step: the distance between numbers; None for the smallest step of the column.
    """

    low: Any
    high: Any
    step: Any = None


def words(name: str) -> str:
    """Return the words of a name in lower case and singular: "OrderItems" is "order item".

    Args:
        name: the name of a table or column, or a comment.
    """
    return " ".join(_singular(word.lower()) for word in _WORD.findall(name))


def text(table: str, column: str, room: int) -> SuggestedSource | None:
    """Suggest a source for a text column.

    Args:
        table: the words of the table's name.
        column: the words of the column's name or comment.
        room: the number of characters that fit.

    Returns:
        The first suggestion that fits; None if the names suggest none that fits.
    """
    both = f"{table}/{column}"
    found = (source for pattern, source in _TEXT_SOURCES if pattern.search(both))
    fitting = (one for one in (*found, *_topical(table, column)) if one.room <= room)
    return next(fitting, None)


def numbers(column: str, *, whole: bool) -> Numbers | None:
    """Return the range of numbers that a column's name suggests; None if it suggests none.

    Args:
        column: the words of the column's name or comment.
        whole: whether the column takes whole numbers alone.
    """
    tables = (_WHOLE, _EITHER) if whole else (_REAL, _EITHER)
    found = (one for table in tables for pattern, one in table if pattern.search(column))
    return next(found, None)


def date_kind(column: str) -> str:
    """Return "date" or "datetime" if the name of a text column suggests it, else "".

    Args:
        column: the words of the column's name.
    """
    return next((kind for pattern, kind in _MOMENTS if pattern.search(column)), "")


def period(column: str) -> str:
    """Return the period that a name suggests: "birth", "past", "early", "late", "future" or "".

    Args:
        column: the words of the column's name.
    """
    return next((name for pattern, name in _PERIODS if pattern.search(column)), "")


def empty_share(column: str) -> float:
    """Return the share of rows, 0 to 1, that are NULL in a nullable column of this name.

    Args:
        column: the words of the column's name.
    """
    return next((share for pattern, share in _OFTEN_EMPTY if pattern.search(column)), 0.0)


def _singular(word: str) -> str:
    if word in _SINGULAR or len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return _SINGULAR.get(word, word)
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word.removesuffix("s")


def _topical(table: str, column: str) -> Iterator[SuggestedSource]:
    """Yield sources of names, titles and texts for the topic of the column or its table."""
    own, of_table = _topic(column), _topic(table)
    topic = own or of_table
    if _TITLE.search(column):
        yield topic.title if topic else _artwork
    elif _LONG_TEXT_NAME.search(column):
        yield from (one.text for one in (of_table, own) if one is not None and one.text)
        yield _review
    elif _NAME.search(column):
        yield topic.name if topic else _product
    elif own is not None and _topic(column.rpartition(" ")[2]) is own:
        yield own.name


def _topic(name: str) -> _Topic | None:
    """Return the topic of the last word that has one; None if no word has a topic."""
    known = (_TOPICS[word] for word in reversed(name.split()) if word in _TOPICS)
    return next(known, None)


def _neural(model: str, room: int = 10) -> SuggestedSource:
    return SuggestedSource(f"neural:{model}", room, PROPOSED_OPTIONS)


@dataclass(frozen=True)
class _Topic:
    """The sources of a topic: for names, for titles, and for texts if it has its own."""

    name: SuggestedSource
    title: SuggestedSource
    text: SuggestedSource | None = None


_artwork, _review, _product = _neural("artwork_title"), _neural("review"), _neural("product_name")
_person, _company, _job = _neural("person_name"), _neural("company"), _neural("job_title")
_task, _ticket = _neural("task", 30), _neural("support_ticket", 20)
_commit, _software = _neural("commit_message"), _neural("software_product")
_category, _city, _street = (
    _neural("product_category"),
    _neural("world_city", 6),
    _neural("street_address", 16),
)
_food, _dish = _neural("food_name"), _neural("dish_name")
_file = SuggestedSource("faker:file_name", 16)

_TOPICS: dict[str, _Topic] = {
    word: topic
    for names, topic in (
        ("product item article goods ware merchandise", _Topic(_product, _product)),
        ("category genre department section tag topic collection", _Topic(_category, _category)),
        (
            "film movie book album artwork song track painting play show episode game "
            "video playlist "
            "exhibition event course lesson post page blog news story chapter",
            _Topic(_artwork, _artwork),
        ),
        ("food ingredient grocery", _Topic(_food, _food)),
        ("dish meal menu recipe", _Topic(_dish, _dish)),
        (
            "company firm business organisation organization vendor supplier brand publisher label "
            "manufacturer store shop bank merchant employer client account team club "
            "hotel restaurant "
            "carrier shipper agency partner sponsor",
            _Topic(_company, _company),
        ),
        (
            "software app application package program service repository device platform system "
            "module plugin tool project",
            _Topic(_software, _software, _task),
        ),
        ("job position role occupation vacancy profession", _Topic(_job, _job, _task)),
        ("task todo step activity assignment duty milestone", _Topic(_task, _task, _task)),
        (
            "ticket issue bug request complaint inquiry incident case conversation chat message "
            "notification question support",
            _Topic(_ticket, _ticket, _ticket),
        ),
        ("review rating feedback testimonial comment", _Topic(_review, _review, _review)),
        ("commit revision changeset change changelog", _Topic(_commit, _commit, _commit)),
        ("city town place location airport station venue warehouse", _Topic(_city, _city)),
        (
            "person user employee staff member student teacher patient doctor customer "
            "contact driver "
            "player passenger guest owner author actor artist director manager agent candidate "
            "applicant subscriber tenant reader composer writer editor speaker recipient sender "
            "assignee reviewer instructor",
            _Topic(_person, _job),
        ),
        ("file document attachment image photo picture", _Topic(_file, _artwork)),
    )
    for word in names.split()
    for topic in [topic]
}

_TITLE = re.compile(r"\b(title|headline|heading|caption)$")
_LONG_TEXT_NAME = re.compile(
    r"\b(description|desc|text|body|content|summary|abstract|synopsis|overview|note|comment|remark"
    r"|message|feedback|review|detail|subject|reason|instruction|bio|biography|about|memo|question"
    r"|answer|response|reply|excerpt|observation|feature|announcement|explanation)( text)?( \d)?$"
)
_NAME = re.compile(r"\b(name|label|designation)$|name$")


def _faker(method: str, room: int, **options: Any) -> SuggestedSource:
    return SuggestedSource(f"faker:{method}", room, options)


def _choice(*values: str) -> SuggestedSource:
    return SuggestedSource("choice", max(map(len, values)), {"values": list(values)})


def shape(shape: str) -> SuggestedSource:
    """Return a source that replaces each ? by a capital letter and each # by a digit.

    Args:
        shape: the text with placeholders, such as "??-####".
    """
    if "?" in shape:
        return _faker("bothify", len(shape), text=shape, letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return _faker("numerify", len(shape), text=shape)


_STATEFUL = "order|payment|job|task|ticket|invoice|request|rental|shipment|booking|subscription"
_HASH = "hash|checksum|digest|sha ?(1|256)?|token|secret|api ?key|session( id| key)?|salt"
_PHONE = r"((tele|mobile|cell)? ?phone|mobile|cell|fax|tel)( number| no)?( \d)?$"
_CODE = "(number|no|num|code|ref|reference|identifier|key|sku|serial|id|licen[cs]e|passport)$"
_EAN = "(ean|upc|gtin|bar ?code)( 13| 8)?$"
_ISBN = "isbn( 10| 13)?$"
_STATES = "state|province|region"

# Each pattern is searched in "TABLE WORDS/COLUMN WORDS". The first match whose room fits is taken.
_TEXT_SOURCES = tuple(
    (re.compile(rf"(?<!\w)(?:{pattern})"), source)
    for pattern, source in (
        (f"({_HASH})$", _faker("sha256", 64)),
        (f"({_HASH})$", _faker("sha1", 40)),
        (f"({_HASH}|md ?5)$", _faker("md5", 32)),
        ("(uuid|guid)$", SuggestedSource("uuid", 36)),
        (r"(e ?)?mail( address)?( \d)?$", _faker("email", 20)),
        (_PHONE, _faker("phone_number", 22)),
        (_PHONE, shape("###-###-####")),
        (_PHONE, shape("#######")),
        ("(image|photo|picture|avatar|thumbnail|logo) (ur[li]|link)$", _faker("image_url", 34)),
        ("(ur[li]|link|href|(web|home) ?(site|page))$", _faker("url", 30)),
        ("ip ?v ?6( address)?$", _faker("ipv6", 39)),
        ("(ip( ?v ?4)?( address)?|remote addr)$", _faker("ipv4", 15)),
        ("mac( address)?$", _faker("mac_address", 17)),
        ("(user agent|browser)$", _faker("chrome", 140)),
        ("(domain|host)( ?name)?$", _faker("domain_name", 22)),
        (
            "(avatar|photo|picture|image|thumbnail|logo|icon)( file)?$",
            _faker("file_name", 16, category="image"),
        ),
        ("(file ?name|attachment|file)$", _file),
        ("(path|directory|folder)$", _faker("file_path", 30)),
        ("(mime( ?type)?|(content|media) type)$", _faker("mime_type", 24)),
        ("extension$", _faker("file_extension", 7)),
        ("(first|given|fore|middle) ?name$", _faker("first_name", 8)),
        ("initial$", shape("?")),
        ("((last|family|sur|maiden) ?name|surname)$", _faker("last_name", 8)),
        ("((user|nick|screen|log ?in) ?name|login|handle)$", _faker("user_name", 10)),
        ("(pass ?(word|wd)|pwd)$", _faker("password", 10)),
        ("(salutation|honorific|prefix)$", _faker("prefix", 5)),
        ("suffix$", _faker("suffix", 3)),
        ("(gender|sex)$", _choice("female", "male")),
        ("(gender|sex)$", _choice("F", "M")),
        ("(ssn|social security( number)?)$", _faker("ssn", 11)),
        ("(alpha|iso|code) 3$", _faker("country_code", 3, representation="alpha-3")),
        ("(country( name)?|nationality|citizenship)$|country/name$", _faker("country", 20)),
        ("(country( ?code| iso( 2)?)?|(iso|alpha) 2)$", _faker("country_code", 2)),
        ("(language|lang)( name)?$|language/name$", _faker("language_name", 12)),
        ("(language|lang)( ?code| iso)?$", _faker("language_code", 2)),
        ("locale$", _faker("locale", 6)),
        ("(time ?zone|tz)$", _faker("timezone", 20)),
        ("continent$", _choice("Africa", "America", "Asia", "Europe", "Oceania")),
        ("(address( line)? ?2|line ?2|suite|apartment|apt)$", _faker("secondary_address", 9)),
        ("(address( line)?( ?1)?|line ?1|street( name)?)$", _street),
        ("(city|town|municipality|suburb|village|district|birth ?place)( name)?$", _city),
        ("(zip( ?code)?|post(al)? ?code|postcode)$", _faker("postcode", 5)),
        (f"({_STATEFUL})[^/]*/state$", _choice("new", "active", "done")),
        (f"({_STATES}|county)( name)?$|({_STATES})/name$", _faker("state", 14)),
        (f"({_STATES})( ?code| abbr)?$", _faker("state_abbr", 2)),
        ("currency name$|currency/name$", _faker("currency_name", 20)),
        ("currency( ?code| iso)?$|currency/code$", _faker("currency_code", 3)),
        ("iban$", _faker("iban", 22)),
        ("(bic|swift)( code)?$", _faker("swift", 11)),
        ("card( number| no)?$", _faker("credit_card_number", 19)),
        ("card (type|brand|provider)$", _faker("credit_card_provider", 16)),
        ("(cvv|cvc)$", shape("###")),
        ("pin( code)?$", shape("####")),
        ("(bio|biography|about|responsibility)$", _task),
        ("account( number| no)?$", _faker("bban", 18)),
        ("(vat|tax|tin)( id| number| no| code)?$", shape("??#########")),
        (_ISBN, _faker("isbn13", 17)),
        (_ISBN, _faker("isbn13", 13, separator="")),
        (_ISBN, _faker("isbn10", 10, separator="")),
        (_EAN, _faker("ean13", 13)),
        (_EAN, _faker("ean8", 8)),
        ("(slug|permalink)$", _faker("slug", 16)),
        ("colou?r( name)?$|colou?r/name$", _faker("color_name", 12)),
        ("(colou?r( code| hex)?|hex)$", _faker("hex_color", 7)),
        ("version$", shape("#.#.#")),
        ("plate( number)?$", _faker("license_plate", 9)),
        ("(vin|chassi number)$", _faker("vin", 17)),
        ("(department|dept|industry|sector)$", _choice("Sales", "Support", "Research")),
        ("(priority|severity|urgency)$", _choice("low", "medium", "high")),
        ("size$", _choice("S", "M", "L")),
        ("(unit( of measure)?|uom)$", _choice("pc", "kg", "l")),
        ("(payment|pay) (method|type)$", _choice("card", "cash", "transfer")),
        ("(week ?day|day of week)$", _choice("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
        ("(status|state)$", _choice("new", "active", "done")),
        ("(status|state|type|kind|grade|tier|level|mode|class)$", _choice("A", "B", "C")),
        (
            "(json|meta ?data|setting|preference|config|configuration|payload|property|attribute"
            "|option|param|parameter)$",
            _choice("{}"),
        ),
        ("[^/]*/((is|has|can) .*|active|enabled|visible)$|flag$", _choice("Y", "N")),
        (_CODE, shape("??-######")),
        (_CODE, shape("??####")),
    )
)


def _rows(*rows: tuple[Any, ...]) -> tuple[tuple[re.Pattern[str], Numbers], ...]:
    return tuple((re.compile(rf"\b(?:{words})$"), Numbers(*bounds)) for words, *bounds in rows)


_CENT, _TENTH = Decimal("0.01"), Decimal("0.1")
_REAL = _rows(
    ("lat|latitude", -90, 90, Decimal("0.000001")),
    ("lon|lng|long|longitude", -180, 180, Decimal("0.000001")),
    ("(exchange|conversion) rate", Decimal("0.5"), 2, Decimal("0.0001")),
    ("price|rental rate|fee", Decimal("0.99"), Decimal("99.99"), _CENT),
    ("rate|tax|vat|interest|discount", 0, Decimal("0.25"), _CENT),
    ("probability|ratio|share|fraction|confidence", 0, 1, _CENT),
    ("cost|amount|total|sub ?total|charge|value|freight|payment", 1, Decimal("999.99"), _CENT),
    ("rating|score|star|grade", 1, 5, _TENTH),
    ("weight|mass", _TENTH, 50, _TENTH),
    ("temperature|temp", -20, 40, _TENTH),
    ("hour|duration", Decimal("0.25"), 40, Decimal("0.25")),
)
_WHOLE = _rows(
    ("price|cost|amount|total|subtotal|fee|charge|cent", 100, 10_000),
    ("tax|vat|interest|discount|rate", 0, 25),
    ("((is|has|can) .*|active|enabled|visible|flag)", 0, 1),
    ("rating|star|review", 1, 5),
    ("score|probability|confidence|progress", 0, 100),
    (".* at|timestamp|epoch|unix ?time", 1_577_836_800, 1_767_225_599),  # 2020 to 2025
    ("zip( ?code)?|post(al)? ?code", 10_000, 99_999),
    ("phone( number)?|mobile|fax", 2_000_000, 9_999_999),
    ("lat|latitude", -90, 90),
    ("lon|lng|longitude", -180, 180),
    ("byte|file size", 1_000, 10_000_000),
    ("milli ?second|ms", 1_000, 600_000),
    ("port", 1_024, 65_535),
)
_EITHER = _rows(
    ("year( .*)?", 1970, 2025),
    ("month", 1, 12),
    ("day( of month)?", 1, 28),
    ("week ?day|day of week", 1, 7),
    ("week", 1, 52),
    ("quarter", 1, 4),
    ("hour", 0, 23),
    ("minute|second", 0, 59),
    ("age", 18, 90),
    ("quantity|qty|unit|piece|copy|guest|seat|passenger", 1, 20),
    ("stock|on hand|in stock|on order|inventory|reorder level", 0, 500),
    ("percent|percentage|pct", 0, 100),
    ("salary|wage|income|revenue|budget|turnover", 25_000, 150_000),
    ("balance|credit|debit|deposit|credit limit|limit", 0, 10_000),
    ("weight|mass", 1, 100),
    ("height|width|depth|length|size|diameter|thickness", 1, 200),
    ("distance|radius|mileage|km|mile", 1, 1_000),
    ("duration|runtime|running time", 1, 240),
    ("page|page count|num page", 20, 900),
    ("population|view|like|click|hit|download|visit|follower", 0, 100_000),
    ("priority|level|rank|position|sort ?order|order|sequence|seq|step|version|floor", 1, 10),
    ("count|num|number of .*|attempt|retry", 0, 100),
    ("min|minimum|least", 0, 50),
    ("max|maximum|most|capacity", 51, 100),
)

_DATETIME = r" at$|^(created|updated|modified|deleted)( on)?$|(timestamp|date ?time)$"
_DATE = r"\b(birth|start|end|due|hire)?date$|\b(dob|birthday)$"
_MOMENTS = ((re.compile(_DATETIME), "datetime"), (re.compile(_DATE), "date"))
_PERIODS = tuple(
    (re.compile(rf"\b(?:{words})\b"), name)
    for words, name in (
        ("birth|born|birthday|birthdate|dob", "birth"),
        ("release|released|publish|published|publication|premiere|founded|established", "past"),
        ("expir(e|y|ed|ation)|valid (un)?til|best before|renewal", "future"),
        (
            "update|updated|modif(y|ied)|change|changed|last|end|ended|until|to|finish|finished"
            "|complete|completed|close|closed|return|returned|deliver|delivered|delivery|ship|shipped|paid"
            "|payment|due|require|required|resolved|delete|deleted|cancell?ed|checkout|departure"
            "|logout|stop",
            "late",
        ),
        (
            "create|created|creation|start|started|begin|from|since|open|opened|order|ordered|hire"
            "|hired|hiredate|join|joined|rental|checkin|arrival|login|issued|registered|added|valid",
            "early",
        ),
    )
)

_OFTEN_EMPTY = tuple(
    (re.compile(rf"\b(?:{words})\b"), share)
    for words, share in (
        ("deleted|removed|archived|cancell?ed|terminated|banned|died|death|deceased", 0.9),
        ("middle|suffix|fax|maiden|nick ?name|alternate|secondary|line ?2|address ?2|suite", 0.5),
        ("parent|previous|report to|replaced|closed|ended|left|returned|completed|resolved", 0.2),
    )
)
