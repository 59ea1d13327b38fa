"""Suggests the numbers and the times of a column from its name and the name of its table."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

__all__ = [
    "Numbers",
    "date_kind",
    "empty_share",
    "flag_weights",
    "number_choice",
    "numbers",
    "per_second",
    "period",
]


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


_YEARS_2020_TO_2025 = 1_577_836_800, 1_767_225_599


def numbers(
    column: str,
    *,
    whole: bool,
    table: str = "",
    largest: Decimal | None = None,
    seconds: tuple[int, int] = _YEARS_2020_TO_2025,
) -> Numbers | None:
    """Return the range of numbers that a column's name suggests; None if it suggests none.

    Args:
        column: the words of the column's name or comment.
        whole: whether the column takes whole numbers alone.
        table: the words of the table's name.
        largest: the largest number that fits; None if it is not known.
        seconds: the first and the last second since 1970 of a column of points in time.
    """
    first, last = seconds
    if scale := per_second(column):
        return Numbers(first * scale, last * scale)
    if whole and flag_weights(column):
        return Numbers(0, 1)
    roomy = largest is not None and largest >= 100 and not whole
    tables = (_ROOMY if roomy else (), _COUNTS, _WHOLE if whole else _REAL, _EITHER)
    both = f"{table}/{column}"
    found = (one for rows in tables for pattern, one in rows if pattern.search(both))
    one = next(found, None)
    if one is None or one.high is not None:
        return one
    return replace(one, high=dt.datetime.fromtimestamp(last, dt.UTC).year)


def number_choice(column: str) -> dict[str, Any] | None:
    """Return the options of a choice of whole numbers that a name suggests; None if it has none.

    Args:
        column: the words of the column's name.
    """
    if weights := flag_weights(column):
        return {"values": [1, 0], "weights": list(weights)}
    found = (listed for pattern, listed in _LISTED if pattern.search(column))
    listed = next(found, None)
    return {"values": list(listed), "weights": list(listed.values())} if listed else None


def flag_weights(column: str) -> tuple[int, int] | None:
    """Return how often a flag is set and how often it is not; None if the name is of no flag.

    Args:
        column: the words of the column's name.
    """
    if per_second(column) or not _FLAG.search(column) or _NO_FLAG.search(column):
        return None
    found = (weights for pattern, weights in _WEIGHTS if pattern.search(column))
    return next(found, (1, 1))


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
    found = next((name for pattern, name in _PERIODS if pattern.search(column)), "")
    return "" if found == "past" and column.endswith(" at") else found  # published_at is recent


def empty_share(column: str) -> float:
    """Return the share of rows, 0 to 1, that are NULL in a nullable column of this name.

    Args:
        column: the words of the column's name.
    """
    return next((share for pattern, share in _OFTEN_EMPTY if pattern.search(column)), 0.0)


def per_second(column: str) -> int:
    """Return in how many units a column counts a second since 1970; 0 if it counts none.

    Args:
        column: the words of the column's name.
    """
    found = _EPOCH.search(column)
    return _UNITS[(found["unit"] or " s")[1:3].strip()] if found else 0


_UNITS = {"s": 1, "se": 1, "ms": 1000, "mi": 1000, "us": 10**6, "ns": 10**9}
_HAPPENS = (
    "start|started|end|ended|begin|finish|finished|stop|create|created|creation|update|updated"
    "|modify|modified|modification|change|changed|delete|deleted|deletion|insert|inserted|submit"
    "|submitted|expire|expiry|expiration|event|access|accessed|login|logout|join|joined|publish"
    "|published|schedule|scheduled|trigger|triggered|upload|uploaded|receive|received|send|sent"
    "|arrival|departure|visit|register|registration|signup|checked|sync|synced"
)
_EPOCH = re.compile(
    r"\b(^.* at|ts|time ?stamp|epoch|unix( ?time)?|valid until|date|last seen|[cma]time"
    r"|last (active|activity|used|login|visit|access|update|modified|change|post|run)"
    rf"|^(created|updated|modified|date (?!format)\w+)|({_HAPPENS}) on"
    rf"|({_HAPPENS}|first|last|next)( run)? time)"
    rf"(?P<unit> (s|sec|second|ms|milli|milli ?second|us|ns))?$"
)

_FLAG = re.compile(
    r"^(is|has|have|can|should|was|must|need|require|allow|enable|disable|use|show|hide|include"
    r"|force|auto|accept|support|track|only|did|will|does|do) .+"
    r"|\b(active|enabled|disabled|visible|hidden|locked|verified|confirmed|required|archived"
    r"|banned|blocked|suspended|featured|pinned|sticky|muted|paused|searchable|sortable|editable"
    r"|taxable|refundable|flag|opt in|opt out|subscribed|read ?only|discontinued|deleted|revoked"
    r"|flagged|trashed|private|superuser|moderated|sensitive|auth|answered|overdue"
    r"|auto \w+|change pass ?(word|wd))$"
    r"|^(admin|anonymous|approved|bot|closed|completed|default|deprecated|done|draft|expired|failed"
    r"|favou?rite|finished|live|open|optional|paid|primary|processed|protected|public|published"
    r"|read|resolved|seen|sent|solved|spam|staff|starred|success|successful|system|valid|available"
    r"|internal|manual|newsletter|notify|nullable|opened|serialized|recursive|unlisted)$"
)
_NO_FLAG = re.compile(
    r"^(num|number|total|max|min|count|row) "
    r"|\b(count|number|num|size|limit|day|hour|minute|second|time|id|at|on|by|rate|amount|level"
    r"|order|year|month|name|type|code|version|index|length|total|price|cost|percent|score|reason"
    r"|url|key|value|list|text|message|format|case|date|duration|ms|template|pattern)$"
)
_WEIGHTS = tuple(
    (re.compile(rf"\b(?:{words})\b"), weights)
    for words, weights in (
        (
            "deleted|banned|locked|archived|hidden|blocked|suspended|disabled|disable|spam|trashed"
            "|expired|revoked|anonymous|admin|superuser|staff|moderator|pinned|sticky|featured"
            "|default|flagged|private|discontinued|deprecated|nan|muted|paused|closed|bot|guest"
            "|error|failed|draft|test|internal|system|force|hide|template|sponsored|fork|mirror"
            "|moved|cancell?ed|refunded|fraud|adult|nsfw|unlisted|opt out|read only|readonly|empty"
            "|external|protected",
            (1, 9),
        ),
        (
            "active|enabled|enable|visible|verified|confirmed|approved|public|published|live|valid"
            "|available|show|allow|searchable|success|successful|processed|current",
            (9, 1),
        ),
    )
)


def _rows(*rows: tuple[Any, ...]) -> tuple[tuple[re.Pattern[str], Numbers], ...]:
    """Return the numbers of each pattern; a row has the pattern, the ends, and a step if any."""
    return tuple(
        (re.compile(rf"(?<!\w)(?:{words})$"), Numbers(low, high, *map(Decimal, step)))
        for words, low, high, *step in rows
    )


_LISTED = tuple(
    (re.compile(rf"\b(?:{words})$"), listed)
    for words, listed in (
        (
            "(http|status|response)( status| response)? code|http status",
            {200: 70, 201: 6, 204: 4, 301: 3, 302: 3, 400: 3, 401: 2, 403: 2, 404: 5, 500: 2},
        ),
        ("(exit|return) ?(code|status)", {0: 85, 1: 10, 2: 3, 127: 1, 137: 1}),
        ("(log|logging)[^/]*/level|log level", {10: 2, 20: 6, 30: 2, 40: 1}),
        ("gender|sex", {0: 1, 1: 1, 2: 1}),
        (
            "port",
            {22: 1, 80: 2, 443: 4, 3306: 1, 5432: 2, 6379: 1, 8080: 2, 8443: 1, 9092: 1, 27017: 1},
        ),
    )
)

_CENT, _TENTH, _MILLI = Decimal("0.01"), Decimal("0.1"), Decimal("0.001")
_WITH_TAX = "(incl|inc|excl|exc|ex|including|excluding|with|without|before|after)( of)? (tax|vat)"
_OF_ORDER = "order|total|amount|item|line|shipping|sale|invoice|cart|basket|coupon|grand|sub ?total"
_OF_TAX = (
    f"({_OF_ORDER}) (tax|vat|discount)|(tax|vat|discount) (amount|total|value|money|fee|price)"
)
_PRICE = f"(price|rental rate|replacement cost|fee|msrp|rrp)( {_WITH_TAX})?"
_MONEY = (
    "cost|amount|total|sub ?total|charge|freight|payment|gross|net|paid|refund(ed)?|refund|tip"
    "|bonus|owed|(balance|amount) due|total (paid|due|price|cost)|grand total"
)
_IN = "( (usd|eur|gbp|per .+|net|gross|min|max|from|to|paid|due|refunded|authorized|captured))?"
_PIXELS = "(image|photo|picture|thumbnail|video|rendition|media|banner|avatar|screenshot)[^/]*"
_FILES = "file|attachment|upload|media|blob|object|document|image|backup|repository|repo|package"
_BODIES = "person|people|patient|user|employee|player|athlete|member|student|character|profile"
_THINGS = "email|message|post|item|row|record|file|order|task|test|user|issue|page|job"
_DONE = "sent|read|written|processed|failed|passed|inserted|imported|completed|closed|received"
_ROOMY = _rows(  # of columns for numbers of 100 and more
    ("[^/]*/(tax|vat|discount)", 0, Decimal("49.99"), _CENT),
    ("(tax|vat|discount|commission|interest) rate|[^/]*/rate", 0, 25, Decimal("0.5")),
)
_SOME = "copy|seat|ticket|unit|room|spot|place|slot|bed|car|bike"
_COUNTS = _rows(
    (f"({_SOME}) total|total ({_SOME})", 5, 20),  # above what is available
    (f"({_SOME}) (available|remaining|left|free)|(available|remaining|free) ({_SOME})", 0, 5),
    ("page|page count|(num|number of) page", 20, 900),
    ("(num|number of) day", 1, 30, 1),
    ("(total|num|number|sum)( of)? (user|order|item|row|record|comment|post|view)", 0, 1_000, 1),
    ("(num|nb|number of) .*|(.* )?count|num|[^/]*/num[a-z]{4,}", 0, 100, 1),
)
_REAL = _rows(
    ("lat|latitude", -90, 90, Decimal("0.000001")),
    ("lon|lng|long|longitude", -180, 180, Decimal("0.000001")),
    (_OF_TAX, 0, Decimal("49.99"), _CENT),
    ("(tax|vat|discount) (percent|percentage|pct)", 0, 25, Decimal("0.5")),
    (".*(percent|percentage|pct)", 0, 100, _TENTH),
    ("(exchange|conversion|currency|fx) rate|currency/rate", Decimal("0.5"), 2, Decimal("0.0001")),
    ("(hourly|day|pay|billing) rate|hourly wage", 15, 150, Decimal("0.5")),
    ("(heart|pulse) rate", 55, 140, 1),
    ("learning rate", Decimal("0.0001"), Decimal("0.01"), Decimal("0.0001")),
    (f"{_PRICE}{_IN}", Decimal("0.99"), Decimal("99.99"), _CENT),
    (f".*{_WITH_TAX}", 1, Decimal("999.99"), _CENT),
    ("(error|success|failure|conversion|click|bounce|open|hit|churn) rate", 0, 1, _CENT),
    ("rate|tax|vat|interest|discount|commission", 0, Decimal("0.25"), _CENT),
    ("probability|ratio|share|fraction|confidence|similarity|opacity|alpha", 0, 1, _CENT),
    ("accuracy|precision|recall|f 1( score)?|auc|loss|metric[^/]*/value", 0, 1, _MILLI),
    (f"({_MONEY}){_IN}|value", 1, Decimal("999.99"), _CENT),
    ("gpa|grade point average", Decimal("1.5"), 4, _CENT),
    ("rating|score|star|grade", 1, 5, _TENTH),
    (f"({_BODIES})/(body )?(weight|mass)( kg)?", 45, 120, _TENTH),
    (f"({_BODIES})/(body )?height( cm)?", 150, 200, _TENTH),
    ("body temperature", Decimal("36.1"), Decimal("39.5"), _TENTH),
    ("(weight|mass)( kg)?", _TENTH, 50, _TENTH),
    ("temperature|temp|celsius", -20, 40, _TENTH),
    ("pressure|hpa", 980, 1040, _TENTH),
    ("voltage|volt", Decimal("3.0"), Decimal("5.0"), _CENT),
    ("(cpu|memory|disk|battery)( usage| load| level| used)?|humidity|progress", 0, 100, _TENTH),
    ("hour|duration|time (spent|estimated|worked)", Decimal("0.25"), 40, Decimal("0.25")),
)
_WHOLE = _rows(
    (f"{_OF_TAX}", 0, 2_000),
    (f".*{_WITH_TAX}|({_PRICE}|{_MONEY}|cent){_IN}", 100, 10_000),
    ("hourly (rate|wage)", 15, 150),
    ("(tax|vat|interest|discount|commission)( (rate|percent|percentage|pct))?|[^/]*/rate", 0, 25),
    ("rating|star|review|stars", 1, 5),
    ("gpa", 1, 4),
    ("score|probability|confidence|progress|complete(ness|ion)?|humidity", 0, 100),
    ("(battery|cpu|memory|disk|volume)( level| usage| load| used)?", 0, 100),
    ("zip( ?code)?|post(al)? ?code", 10_000, 99_999),
    ("phone( number)?|mobile|fax", 2_000_000, 9_999_999),
    ("lat|latitude", -90, 90),
    ("lon|lng|longitude", -180, 180),
    ("http status|((http|status|response) )+code", 200, 500, 100),
    ("port", 1_024, 65_535),
    ("pid|process id", 100, 32_768),
    (
        "[^/]*/(status|state|type|kind|mode|visibility|stage|phase|scope|access|privacy|severity)",
        0,
        3,
    ),
    ("[^/]*/[^/]* (status|state|type|kind|mode|visibility|stage|phase|severity)", 0, 3),
)
_EITHER = _rows(
    ("temperature|temp|celsius", -20, 40),
    ("(heart|pulse) rate|pulse|bpm|tempo", 55, 140),
    ("bit ?rate|kbps", 64, 320, 32),
    ("frame ?rate|fps", 24, 60),
    (
        f"({_FILES})[^/]*/[^/]*(size|length)|byte( .*)?|(file|content|body) (size|length)",
        1_000,
        10**7,
    ),
    ("(size|memory|ram|storage|disk|quota|used|limit) mb", 128, 65_536, 128),
    ("(size|memory|ram|storage|disk|quota|used|limit) gb", 8, 1_024, 8),
    ("(latency|response time|query time|load time|took|rtt|ping)( ms| milli ?second)?", 5, 2_000),
    ("timeout (ms|milli ?second)", 1_000, 60_000, 1_000),
    ("milli ?second|ms|millis", 1_000, 600_000),
    ("micro ?second|us", 100, 1_000_000),
    ("nano ?second|ns", 1_000_000, 10**9),
    (
        "(time ?out|time limit|expire in|ttl|interval|delay|cool ?down|max age)( (s|sec|second))?",
        30,
        3_600,
        30,
    ),
    ("(duration|elapsed|uptime|run ?time|wait|session|interval) (s|sec|second)", 1, 3_600),
    ("(reading|read) time", 1, 20),
    ("(prep|preparation|cook|cooking|wait|waiting|lead|estimated) time", 1, 90),
    ("(film|movie)[^/]*/(length|duration|runtime|running time)", 75, 180),
    ("rental duration", 3, 7),
    (f"{_PIXELS}/(width|height)|(width|height|size)? ?(px|pixel)", 240, 3_840, 10),
    ("(weight|mass) ?(g|gram)|gram", 50, 5_000, 10),
    (f"({_BODIES})/(body )?(weight|mass)( kg)?|body weight", 45, 120),
    (f"({_BODIES})/(body )?height( cm)?|(body height|height cm)", 150, 200),
    ("(page|category|comment|node|tree|thread|menu|event|item)[^/]*/depth|tree level", 1, 6),
    ("trust level", 0, 4),
    ("calory|calorie|kcal", 50, 900),
    ("attempt|retry|try|(attempt|retry|try) number|failure", 0, 5),
    ("year (of )?(experience|service)|(experience|service) year|seniority", 0, 30),
    ("(warranty|loan|contract) (year|term)", 1, 10),
    ("(birth|born) year|year (of )?birth", 1950, 2005),
    ("(exp|expiry|expiration|expire|valid until) year", 2027, 2032),
    (
        "(vacation|leave|sick|trial|grace|lead|remaining|valid)( .*)? day|day (left|remaining)",
        1,
        30,
    ),
    ("vote|upvote|downvote|point|karma|reputation|reaction|fork|watcher|subscriber", 0, 500),
    ("bed|bedroom|bathroom|adult|child|kid|season", 1, 5),
    ("(home |min |max )?zoom( level)?", 0, 19),
    ("(seat|row) (row|number)|signal", 1, 30),
    ("goal|assist|win|loss|draw", 0, 30),
    ("(usage|use|user|item|retry) limit", 1, 100),
    ("jersey( number)?|shirt number", 1, 99),
    ("(home|away|team|visitor) (score|goal)", 0, 5),
    (".* ratio", 0, 100),
    ("day to .*", 1, 30),
    ("font size", 10, 24),
    ("(processing|execution|run|running|total|elapsed|wait) time|uptime", 1, 3_600),
    ("limit per .*", 1, 20),
    (f"({_THINGS}) ({_DONE})", 0, 1_000),
    ("elevation|altitude|elevation (ft|m)", 0, 2_500),
    ("wind speed", 0, 30),
    ("speed", 0, 130),
    ("angle|heading|bearing|rotation", 0, 359),
    ("year( .*)?", 1970, None),  # the year of the last second
    ("month", 1, 12),
    ("day( of month)?", 1, 28),
    ("week ?day|day of week", 1, 7),
    ("week", 1, 52),
    ("quarter", 1, 4),
    ("hour", 0, 23),
    ("minute|second", 0, 59),
    ("min age", 0, 18),
    ("age", 18, 90),
    ("quantity|qty|unit|piece|copy|guest|seat|passenger", 1, 20),
    ("stock|on hand|in stock|on order|inventory|reorder level", 0, 500),
    ("percent|percentage|pct", 0, 100),
    ("salary|wage|income|revenue|budget|turnover", 25_000, 150_000, 500),
    ("balance|credit|debit|deposit|(credit|loan|spending|overdraft) limit", 0, 10_000),
    ("limit", 1, 100),
    ("(weight|mass)( kg)?", 1, 100),
    ("height|width|depth|length|size|diameter|thickness", 1, 200),
    ("distance|radius|mileage|km|mile", 1, 1_000),
    ("duration|runtime|running time", 1, 240),
    ("population|view|like|click|hit|download|visit|follower|impression|play", 0, 100_000),
    (
        r"priority( \w+)?|level|rank|position|sort( ?order)?|order|sequence|seq|step|version|floor",
        1,
        10,
    ),
    ("min|minimum|least", 0, 50),
    ("max|maximum|most|capacity", 51, 100),
    ("(min|minimum) .*", 1, 10, 1),
    ("(max|maximum) .*", 10, 100, 1),
)

_DATETIME = r" at$|^(created|updated|modified|deleted)( on)?$|(timestamp|date ?time)$"
_DATE = (
    r"\b(birth|start|end|due|hire)?date$|\b(dob|birthday)$|^date (of )?\w+$"
    r"|\b((?!based|related|applied|focused|hosted)\w+ed|due|sent|paid|held|sold|bought|lent|born"
    r"|taken|begun|expire|start|end) on$"
)
_MOMENTS = ((re.compile(_DATETIME), "datetime"), (re.compile(_DATE), "date"))
_PERIODS = tuple(
    (re.compile(rf"\b(?:{words})\b"), name)
    for words, name in (
        ("birth|born|birthday|birthdate|dob", "birth"),
        ("release|released|publish|published|publication|premiere|founded|established", "past"),
        ("expir(e|y|ed|ation)|valid (un)?til|best before|renewal|next", "future"),
        (
            "update|updated|modif(y|ied)|change|changed|last|end|ended|until|to|finish|finished"
            "|complete|completed|close|closed|return|returned|deliver|delivered|delivery|ship|shipped|paid"
            "|payment|due|require|required|resolved|delete|deleted|cancell?ed|checkout|departure"
            "|logout|stop|overdue",
            "late",
        ),
        (
            "create|created|creation|start|started|begin|from|since|open|opened|order|ordered|hire"
            "|hired|hiredate|join|joined|rental|checkin|arrival|login|issued|registered|added|valid"
            "|placed|submitted|borrowed|lent|loan|loaned|checked out|rented",
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
