"""The sources of text by patterns of the names of columns and tables."""

from __future__ import annotations

import re

from .column_sources import SuggestedSource, choice, faker, listed, neural, shape
from .column_topics import NAMES

__all__ = ["NAME_IN_LIST", "PERSON", "PLACE", "TEXT_SOURCES"]

_city, _company, _file = NAMES["city"][0], NAMES["company"][0], NAMES["file"][0]
_job, _person, _task = NAMES["job"][0], NAMES["person"][0], NAMES["task"][0]
_street, _sentence, _word = neural("street_address", 16), faker("sentence", 50), faker("word", 8)
_bcrypt = faker(
    "lexify",
    60,
    text="$2b$12$" + 53 * "?",
    letters="./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
)

_COLORS = listed("black, white, grey, red, blue, green, yellow, orange, brown, turquoise")
_LANGUAGES = (
    "English, Spanish, French, German, Italian, Portuguese, Dutch, Polish, Japanese, Arabic"
)
_CODE_LANGUAGES = listed("Python, JavaScript, TypeScript, Go, Java, Rust, Ruby, PHP, C++, Shell")
_COUNTRY = faker("country", 13)
_ALPHA_2, _ALPHA_3 = (
    faker("country_code", 2),
    faker("country_code", 3, representation="alpha-3"),
)
_NATIONALITIES = "American, British, French, German, Indian, Italian, Japanese, Spanish, Polish"
_LOCALES = "en_US, en_GB, de_DE, fr_FR, es_ES, it_IT, nl_NL, pt_BR, pl_PL, ja_JP"
_CURRENCIES = "EUR, USD, GBP, JPY, CHF, CAD, AUD, SEK"
_METHODS = listed("GET, POST, PUT, PATCH, DELETE")
_LOG_LEVELS = listed("DEBUG, INFO, WARNING, ERROR")
_BIOS = choice(
    "Coffee drinker, cyclist and part-time gardener.",
    "I write about open data and small towns.",
    "Photographer. Father of two. Always on the road.",
    "Engineer by day, baker by night.",
    "I read more books than I finish.",
    "Runner, traveller, and owner of a very old dog.",
    "Here to learn, happy to help.",
    "Teaching physics and collecting maps since 2009.",
)
_HTML = choice(
    "<p>The office is closed on <strong>Monday</strong>.</p>",
    "<h2>What is new</h2><p>Search is faster, and filters stay when you go back.</p>",
    '<p>Read <a href="/help">the guide</a> before you start.</p>',
    "<p>Thank you for your order. We ship it within two days.</p>",
    "<ul><li>Open the settings</li><li>Choose a plan</li><li>Save</li></ul>",
    "<p>Doors open at <em>seven</em>. Tickets are sold at the entrance.</p>",
)
_MARKDOWN = choice(
    "## Install\n\nRun `make install`, then `make test`.",
    "# Notes\n\n- Search is faster\n- Filters stay when you go back",
    "The office is closed on **Monday**.",
    "Read [the guide](/help) before you start.",
    "1. Open the settings\n2. Choose a plan\n3. Save",
    "> It works on my machine.\n\nSee the *logs* for details.",
)
_CRON = listed(
    "0 0 * * *, */5 * * * *, 0 6 * * 1, 30 2 * * *, 0 */4 * * *, 15 8 1 * *, 0 9 * * 1-5, 0 0 1 1 *"
)
_REGEX = choice(
    r"^\d{4}$", "^[a-z0-9_-]+$", r"\.csv$", "^/api/", "error|warning", r"^[^@\s]+@[^@\s]+$"
)
_SQL = choice(
    "SELECT * FROM orders LIMIT 100",
    "SELECT status, COUNT(*) FROM orders GROUP BY status",
    "SELECT AVG(amount) FROM payments WHERE paid = 1",
    "SELECT name, email FROM customers ORDER BY name",
)
_ERRORS = choice(
    "Connection timed out",
    "Permission denied",
    "File not found",
    "Invalid credentials",
    "Out of memory",
    "Unexpected end of input",
)

_HASH = (
    "hash|checksum|digest|sha|sha ?256|token|secret|api ?key|session( id| key)?|salt|fingerprint"
    "|etag|nonce"
)
_PHONE = r"((tele|mobile|cell)? ?phone|mobile|cell|fax|tel)( number| no)?( \d)?$"
_CODE = "(number|no|num|code|ref|reference|identifier|key|sku|serial|id|licen[cs]e|passport)$"
_EAN = "(ean|upc|gtin|bar ?code)( 13| 8)?$"
_ISBN = "isbn( 10| 13)?$"
_STATES = "state|province|region"
_GIT = "(repository|repo|commit|branch|release|action|build|pull|merge|run|git)"
_PLACES = (
    r"\w*address|person|people|customer|user|employee|store|shop|city|place|location|contact|supplier"
    "|vendor|company|warehouse|station|venue|hospital|school|branch|office|patient|driver|airport"
    "|county|lead|client|member|student|voter|restaurant|hotel|organization"
)

PLACE = re.compile(r"(^|, )(city|town|zip|zip ?code|post(al)? ?code|street|county)(, |$)")
"""Finds a column, in a list of columns, that tells that a state is one of a country."""

PERSON = re.compile(r"(^|, )(first ?name, (.*, )?last ?name|last ?name, (.*, )?first ?name)(, |$)")
"""Finds, in a list of columns, those of a person's name."""

NAME_IN_LIST = re.compile(
    r"\b(type|status|state|kind|role|genre|plan|department|priority|severity|tag|language|colou?r"
    r"|unit|method|level|environment|browser|country|continent|size|tier|skill|frequency|industry"
    r"|gender|license|nationality)/(name|title|label|value|designation)$"
)
"""Finds "TABLE WORDS/COLUMN WORDS" of a table that only lists values, such as colors.name."""

# Each pattern is searched in "TABLE WORDS/COLUMN WORDS". The first source that fits is taken.
_ROWS: tuple[tuple[str | SuggestedSource, ...], ...] = (
    ("pass ?(word|wd)? (hash|digest|crypt)$|(encrypted|hashed) pass ?(word|wd)$", _bcrypt),
    ("(pass ?(word|wd)|pwd|pass)( hash(ed)?)?$", _bcrypt, faker("password", 10)),
    (
        f"((commit|{_GIT}[^/]*/) ?(sha|hash|id)|{_GIT}[^/]*/commit|sha ?1)$",
        faker("sha1", 40),
        faker("md5", 32),
    ),
    (f"({_HASH}|(api|access)[^/]*key/key)$", faker("sha256", 64), faker("sha1", 40)),
    (f"({_HASH}|md ?5)( sum)?$", faker("md5", 32)),
    (f"({_HASH})$", faker("hexify", 16, text=16 * "^"), faker("hexify", 8, text=8 * "^")),
    ("revision$", faker("sha1", 40), faker("hexify", 12, text=12 * "^"), shape("###")),
    ("(uuid|guid)$", SuggestedSource("uuid", 36), faker("md5", 32)),
    (r"(e ?)?mail( address)?( \d)?$", faker("email", 20)),
    ("e?mail[^/]*/(sender|recipient|from|to|cc|bcc)( address)?$", faker("email", 20)),
    (_PHONE, faker("phone_number", 22), shape("###-###-####"), shape("#######")),
    ("(image|photo|picture|avatar|thumbnail|logo) (ur[li]|link)$", faker("image_url", 34)),
    ("(url|uri|request) path$", faker("uri_path", 24)),
    (
        "(ur[li]|link|href|(web|home) ?(site|page)|referr?er|endpoint|webhook)$",
        faker("url", 30),
    ),
    ("ip ?v ?6( address)?$", faker("ipv6", 39)),
    ("(ip( ?v ?4)?( address)?|remote addr)$", faker("ipv4", 15)),
    ("mac( address)?$", faker("mac_address", 17)),
    ("(user agent|(comment|client|http) agent|ua)$", faker("chrome", 140)),
    (
        "(run|task|job|flow|build|process|workflow|pipeline)[^/]*/(.* )?state (name|type)$",
        "scheduled, running, completed, failed",
    ),
    (
        "(run|task|build|step|pipeline|workflow|ci)[^/]*/job$",
        "build, test, deploy, backup, import, cleanup",
    ),
    (
        "(image|photo|picture|avatar|logo|thumbnail)[^/]*(/| )(content|mime) type$",
        "image/jpeg, image/png, image/gif, image/webp",
    ),
    (
        "(image|photo|picture|avatar|logo|thumbnail) file ?name$",
        faker("file_name", 16, category="image"),
    ),
    ("browser( name)?$", "Chrome, Safari, Firefox, Edge"),
    ("(os|operating system)( name)?$", "Windows, macOS, Linux, iOS, Android", "Linux, macOS"),
    ("platform$", "web, iOS, Android"),
    ("host ?name|fqdn$", faker("hostname", 30)),
    ("(domain|host)( ?name)?$", faker("domain_name", 22)),
    (
        "(avatar|photo|picture|image|thumbnail|logo|icon)( file)?$|"
        "(image|photo|picture)[^/]*/file$",
        faker("file_name", 16, category="image"),
    ),
    ("(file ?name|upload name|attachment|file)$", _file),
    (
        "(file ?loc|source path|entry ?point|module path)$",
        faker("file_path", 30, extension="py"),
    ),
    (
        "(path|directory|folder|(artifact|storage|file|archival|backup|log|data) (location|root))$",
        faker("file_path", 30, category="text"),
    ),
    (
        "(mime( ?type)?|(content|media) type)$|(file|upload|blob)/type$",
        listed("image/jpeg, image/png, application/pdf, text/plain, text/html, video/mp4"),
        "image/png, image/gif",
    ),
    ("(phone|office|employee|user|staff|contact)[^/]*/(ext|extension)$", shape("####")),
    ("extension$", faker("file_extension", 7)),
    ("(first|given|fore|middle) ?name$", faker("first_name", 8)),
    ("initial$", shape("?")),
    ("((last|family|sur|maiden) ?name|surname)$", faker("last_name", 8)),
    (
        "((user|nick|screen|log ?in|nice) ?name|login|handle)$|user[^/]*/lower name$",
        faker("user_name", 10),
    ),
    (
        "(salutation|honorific|name prefix|title of courtesy|courtesy title)$|of person/prefix$",
        "Mr., Ms., Mrs., Dr.",
    ),
    ("title/title$", _job),
    ("(employee|staff|worker|contact|lead)[^/]* of person/title$", _job),
    ("[^/]* of person/title$", "Mr, Mrs, Ms, Dr"),
    ("suffix$", faker("suffix", 3)),
    ("(gender|sex)$", "female, male", "F, M"),
    ("(ssn|social security)( (number|num|no))?$", faker("ssn", 11)),
    ("nationality$", _NATIONALITIES),
    ("(alpha|iso|code)( 3166 1)?( a)? 3$", _ALPHA_3),
    ("iso 3166( 1)? numeric$", shape("###")),
    ("country/(printable|official|short|english|local) name$", _COUNTRY),
    ("(country( name)?|nationality|citizenship)$|country/name$", _COUNTRY, _ALPHA_3, _ALPHA_2),
    ("(country( ?code| iso( 2)?)?|(iso|alpha)( 3166 1)?( a)? 2)$|country/(code|iso)$", _ALPHA_2),
    (
        "(programming|code|main|primary) language$"
        f"|({_GIT}|gist|snippet|project|code)[^/]*/language$",
        _CODE_LANGUAGES,
    ),
    ("(language|lang)( name)?$|language/(english|native|local|own) name$", _LANGUAGES),
    ("(language|lang)( ?code| iso)?$|language/(code|iso)$", "en, es, fr, de, it, pt, nl, pl"),
    ("(language|lang)( code| iso)?$|language/(code|iso)$", faker("language_code", 2)),
    ("locale( code)?$", _LOCALES),
    ("(time ?zone|tz)$", faker("timezone", 20)),
    ("continent$", "Africa, Asia, Europe, North America, South America, Oceania"),
    ("(address( line)? ?2|line ?2|suite|apartment|apt)$", faker("secondary_address", 9)),
    ("(address( line)?( ?1)?|line ?1|street( name)?)$", _street),
    ("address[^/]*/line ?3$", faker("secondary_address", 9)),
    ("address[^/]*/line ?[45]$", _city),
    ("(city|town|municipality|suburb|village|district|birth ?place)( name)?$", _city),
    ("(user|person|profile|member)[^/]*/location$", _city),
    ("(zip( ?code)?|post(al)? ?code|postcode|plz|cap|cep)$", faker("postcode", 5)),
    (
        "(aws|cloud) region$|(server|host|node|cluster|instance|bucket)[^/]*/region$",
        "us-east-1, us-west-2, eu-central-1, eu-west-1, ap-southeast-2",
    ),
    (
        "(province|county|(shipping|billing|ship|bill|home|birth|mailing) (state|region))$"
        f"|(province|county) name$|({_PLACES})/state name$|({_PLACES})/({_STATES})$"
        f"|({_STATES})/name$",
        faker("state", 14),
        faker("state_abbr", 2),
    ),
    (f"({_STATES}) (code|abbr)$", faker("state_abbr", 2)),
    ("region$", faker("state", 14)),
    ("currency name$|currency/name$", "Euro, US dollar, Pound sterling, Yen, Swiss franc"),
    ("currency( ?code| iso)?$|currency/(code|iso)$", _CURRENCIES, faker("currency_code", 3)),
    ("iban$", faker("iban", 22)),
    ("(bic|swift)( code)?$", faker("swift", 11)),
    ("(last|final) ?(4|four)( digit)?$|card 4$", shape("####")),
    ("card expir(y|ation)$|card exp$", "03/27, 09/27, 01/28, 06/28, 11/29"),
    (r"card (number|no)$|credit card$|\w*card/(number|no)$", faker("credit_card_number", 19)),
    (r"\w*card/name$", _person),
    ("card (type|brand|provider)$", "Visa, Mastercard, Amex, Discover"),
    ("(cvv|cvc)$", shape("###")),
    ("pin( code)?$", shape("####")),
    ("(bio|biography|about)( (text|raw))?$", _BIOS, _sentence),
    ("responsibility$", _task),
    ("(tagline|motto|slogan|catch ?phrase)$", faker("catch_phrase", 50)),
    ("account (number|no)$", faker("bban", 18)),
    ("(vat|tax)( id| number| no| code)$|(tin|ein|vat|vatin)$", shape("??#########")),
    (
        _ISBN,
        faker("isbn13", 17),
        faker("isbn13", 13, separator=""),
        faker("isbn10", 10, separator=""),
    ),
    (_EAN, faker("ean13", 13), faker("ean8", 8)),
    ("(slug|permalink)$", faker("slug", 16)),
    ("(label|tag|category|calendar|event|theme|status)[^/]*/colou?r$", faker("hex_color", 7)),
    ("colou?r( name)?$", _COLORS),
    ("(colou?r( code| hex)?|hex)$", faker("hex_color", 7)),
    ("release[^/]*/tag( name)?$", faker("numerify", 6, text="v#.#.#")),
    ("(semver|version)( name| number| string)?$", shape("#.#.#")),
    ("plate( number)?$", faker("license_plate", 9)),
    ("(vin|chassis number)$", faker("vin", 17)),
    ("(faculty|college)( name)?$", "Arts, Science, Engineering, Law, Medicine, Business"),
    (
        "(book|library)[^/]*/(subject|topic)( name)?$",
        "History, Science, Art, Travel, Poetry, Philosophy, Cooking, Biography",
    ),
    (
        "(book|edition|title|magazine)[^/]*/publisher( name)?$",
        "Northlight Press, Harbour House, Meridian Books, Old Mill Publishing, Juniper & Sons",
    ),
    (
        "(department|dept|division)( name)?$",
        "Sales, Marketing, Finance, Engineering, Support, Human Resources, Legal",
        "Sales, Support, Legal",
    ),
    ("(industry|sector)$", "Retail, Finance, Health care, Education, Energy, Transport"),
    ("role( name)?$", "admin, editor, author, viewer, member", _job),
    ("role/(code|key|codename)$", "admin, editor, author, viewer, member"),
    ("(plan|tier)( name)?$", "Free, Pro, Team, Enterprise", "Free, Pro"),
    ("(alert|event|incident)[^/]*/severity$", "info, warning, error, critical"),
    (
        "(log|logging|trace)[^/]*/(level|severity)( name)?$|log ?level$",
        _LOG_LEVELS,
    ),
    (
        "(priority|severity|urgency|importance)( (name|desc|label))?$",
        "low, normal, high, urgent",
        "low, high",
    ),
    (
        "(course|skill|lesson|exercise)[^/]*/level$|proficiency$",
        "beginner, intermediate, advanced",
    ),
    ("difficulty$", "easy, medium, hard"),
    ("level$", "low, medium, high"),
    ("tag( name)?$", "news, howto, sale, summer, featured, release, events, tips", _word),
    ("label/name$", "bug, feature, documentation, question, help wanted, good first issue"),
    ("(label|keyword)/name$", _word),
    ("line( item)?/(description|desc)$", NAMES["product"][0]),
    (
        "(exam|course|class|lesson|teacher|school|grade|mark)[^/]*/subject$|subject/name$",
        "Mathematics, Physics, History, Geography, Biology, Music, Art",
    ),
    ("skill( name)?$", "Python, SQL, Writing, Negotiation, Project management, Design"),
    ("(condition)$", "new, used, refurbished", "new, used"),
    ("material$", "cotton, wool, leather, steel, wood, plastic"),
    ("[^/]*/size$|(product|clothing|shirt|shoe) size$", "S, M, L, XL", "S, M, L"),
    ("quantity per unit$", "12 bottles, 24 cans, 500 g, 6 boxes"),
    (
        "(duration|time|interval|period|timeout|retention|validity)[^/]* unit$",
        "minute, hour, day, week",
        "min, h, d",
    ),
    ("(unit( of measure)?|uom)$", "piece, kg, litre, metre, box", "pc, kg, l, m"),
    ("(payment|pay) (method|type)( name)?$", "card, PayPal, transfer, cash", "card, cash"),
    ("gateway$|payment (provider|processor)$", "Stripe, PayPal, Adyen, Braintree, Mollie"),
    ("(shipping|delivery) method( name)?$", "Standard, Express, Pickup"),
    ("carrier( name)?$", "UPS, DHL, FedEx, USPS, DPD", _company),
    ("(provider( name)?|affiliation|employer)$", _company),
    ("alias$", "latest, stable, beta, canary, production"),
    ("(contact|notification) (method|channel)$", "email, phone, sms"),
    (
        "(http|request) (method|verb)$"
        "|(http|request|log|api|route|webhook|endpoint)[^/]*/(method|verb)$",
        _METHODS,
    ),
    (
        "(auth|oauth|social|identity|login)[^/]*(/| )provider$",
        "google, github, facebook, apple",
    ),
    ("(environment|env)( name)?$", "production, staging, development", "prod, dev"),
    ("(lead|utm|traffic) source$|lead[^/]*/source$", "google, newsletter, referral, direct"),
    ("(utm )?medium$", "email, cpc, organic, social"),
    ("(cron( ?tab)?|cron (expression|expr|schedule)|schedule( interval)?)$", _CRON),
    (
        "(frequency|recurrence|(billing )?(cycle|interval|period))$",
        "daily, weekly, monthly, yearly",
    ),
    ("(regexp?|regular expression|pattern|validation)$", _REGEX),
    (
        "(week ?day|day of week)$",
        "Monday, Tuesday, Wednesday, Thursday, Friday",
        "Mon, Tue, Wed",
    ),
    ("month( name)?$", "January, April, July, October, December", "Jan, Apr, Jul, Oct"),
    ("season$", "spring, summer, autumn, winter"),
    ("blood (type|group)$", "A+, A-, B+, B-, O+, O-, AB+"),
    ("(relationship|relation)$", "spouse, parent, child, sibling, friend"),
    ("(education( level)?|degree)$", "High school, Bachelor, Master, PhD"),
    ("(diagnosis|disease|condition name)$", "Hypertension, Type 2 diabetes, Asthma, Migraine"),
    ("(medication|drug)( name)?$", "Ibuprofen, Amoxicillin, Metformin, Lisinopril"),
    ("allergy$", "Peanuts, Penicillin, Pollen, Lactose"),
    ("cuisine$", "Italian, Indian, Japanese, Mexican, French, Thai"),
    ("(visibility|privacy|access( level)?)$", "public, private, internal"),
    ("(join rule|join policy)$", "public, invite, private"),
    ("scope$", "read, write, admin"),
    ("theme$", "light, dark, system"),
    ("(field|data|value|column) format$", "string, integer, boolean, date"),
    ("format$", "pdf, csv, json, xlsx"),
    ("(encoding|char ?set)$", "utf-8, latin-1, ascii"),
    ("(protocol|scheme)$", "https, http"),
    ("orientation$", "portrait, landscape"),
    ("licen[cs]e( name| type)?$", "MIT, Apache-2.0, GPL-3.0, BSD-3-Clause, CC BY 4.0"),
    ("(outcome|result|conclusion)$", "success, failure, skipped"),
    ("grade$", "A, B, C, D, F"),
    (
        "(film|movie)[^/]*/rating$|(age|content|mpaa) rating$",
        "G, PG, PG-13, R, NC-17",
        "G, PG, R",
    ),
    ("special feature$", "Trailers, Commentaries, Deleted scenes, Behind the scenes"),
    ("emoji$", "smile, heart, tada, thumbsup, rocket, eyes"),
    (
        "(purpose|(room|channel|group|chat)[^/]*/topic)$",
        "Weekly planning, Questions, News, Small talk",
    ),
    ("branch( name)?$", "main, develop, release/1.4, feature/login", "main, develop"),
    (f"{_GIT}[^/]*/ref$", "refs/heads/main, refs/heads/develop, refs/tags/v1.0"),
    (f"{_GIT}[^/]*/event$", "push, pull_request, schedule, release"),
    ("(event|action|verb)$", "created, updated, deleted, login, export"),
    ("dag id$", NAMES["dag"][0]),
    ("(task|dag)[^/]*/operator$", "PythonOperator, BashOperator, EmailOperator"),
    ("task id$", "extract, transform, load, validate, notify"),
    ("operator$", "=, !=, <, >"),
    ("queue( name)?$|pool( name)?$", NAMES["queue"][0]),
    ("(schema|database)( name)?$", "public, analytics, staging, archive"),
    ("table( name)?$", "orders, customers, products, payments, events"),
    ("context$", "ci/build, ci/test, ci/lint, security/scan"),
    ("entry point( name)?$", "main, train, evaluate"),
    ("source name$", "train.py, evaluate.py, main.py, notebook.ipynb"),
    ("[^/]*(setting|config|option|preference)[^/]*/(key|code|option)$", NAMES["setting"][0]),
    ("(option|setting) name$", NAMES["setting"][0]),
    ("(option|setting|config|preference) value$", "true, false, 10, 50, auto"),
    ("autoload$", "yes, no"),
    (
        "template (name|file|path)$",
        "pages/default.html, pages/about.html, pages/contact.html, pages/home.html",
        "default, about, home",
    ),
    ("[^/]*/k$", "name, source, colour, owner, version, format, region"),
    ("[^/]*/v$", "true, false, 10, 50, auto, yes"),
    ("[^/]*metric[^/]*/key$", NAMES["metric"][0]),
    ("[^/]*param[^/]*/key$", NAMES["param"][0]),
    ("[^/]*(attribute|option)[^/]*/(key|code)$", "colour, size, material, weight, style"),
    ("[^/]*permission[^/]*/(key|code|codename)$", NAMES["permission"][0]),
    (r"\w*(review|comment|testimonial|feedback|rating)/(name|author)$", _person),
    ("emergency contact$|(ship|shipping|bill|billing) name$", _person),
    ("(account|user|member|profile)[^/]*/display ?name$", _person),
    (
        "vehicle[^/]*/make$|(car|vehicle) make$",
        "Toyota, Ford, Volkswagen, Renault, Hyundai, Fiat",
    ),
    ("vehicle[^/]*/model$|(car|vehicle) model$", "Corolla, Focus, Golf, Clio, Tucson, Panda"),
    ("model( (number|no|code))?$", shape("??-###")),
    ("dos(e|age)$", "5 mg, 10 mg, 50 mg, 200 mg, 500 mg"),
    ("room (number|no)$", shape("###")),
    ("(reviewed|created|updated|approved|assigned|uploaded|modified) (by|to)( name)?$", _person),
    ("(html|rendered)( (body|content))?$|html [^/]*$", _HTML),
    ("(markdown|md|read ?me)$|markdown [^/]*$", _MARKDOWN),
    ("xml$", choice("<item>1</item>", "<note>Open on Monday</note>", "<list/>")),
    ("(css|style ?sheet)$", choice("h1 { color: #333; }", ".card { padding: 8px; }")),
    ("(sql|query text)$|[^/]*/sql [^/]*$", _SQL),
    ("(expression|formula)$", "amount * 0.2, price * quantity, SUM(amount), COUNT(*)"),
    (
        r"(stack ?trace|traceback|exception)$|(last |status )?error( (message|text|msg))?$"
        r"|(result|failure|warning|exception|fetch error) (message|text|msg)$"
        r"|\w*(error|warning|exception|failure)/(message|msg|text|output)$",
        _ERRORS,
    ),
    ("status message$", "Ready, Waiting for approval, Failed to load, Registered", _ERRORS),
    (
        "(json|meta ?data|setting|preference|config|configuration|payload|property|attribute"
        "|option|param|parameter|extra|kwarg|context data|cfg|data)$|[^/]*/(.* )?json [^/]*$"
        "|[^/]*/profile$"
        "|data ?set[^/]*/(.* )?(schema|profile)$",
        choice("{}"),
    ),
    ("object id$", shape("####")),  # a key of another table, as Django stores it
    ("prefix$", shape("??"), shape("?")),
    (_CODE, shape("??-######"), shape("??####")),
)
TEXT_SOURCES: tuple[tuple[re.Pattern[str], SuggestedSource], ...] = tuple(
    (re.compile(rf"(?<!\w)(?:{pattern})"), listed(source))
    for pattern, *sources in _ROWS
    for source in sources
)
"""Patterns of "TABLE WORDS/COLUMN WORDS" and their sources; the first that fits is taken."""
