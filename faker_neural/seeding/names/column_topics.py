"""The sources of names, titles, statuses and long texts by the topic of a column or table."""

from __future__ import annotations

import re

from .column_sources import SuggestedSource, Topics, by_word, choice, faker, listed, neural

__all__ = ["KINDS_OF_TEXT", "NAMES"]

_artwork, _review, _product = neural("artwork_title"), neural("review"), neural("product_name")
_person, _company, _job = neural("person_name"), neural("company"), neural("job_title")
_task, _ticket = neural("task", 30), neural("support_ticket", 20)
_commit, _software = neural("commit_message"), neural("software_product")
_category, _brand = neural("product_category"), neural("brand_name")
_city = neural("world_city", 6)
_file = faker("file_name", 16)
_paragraph, _sentence = faker("paragraph", 200), faker("sentence", 50)
_word = faker("word", 8)
_LOG_LINES = choice(
    "Server started on port 8080",
    "User logged in",
    "Connection timed out, retrying",
    "Cache cleared",
    "Request finished in 35 ms",
    "Job completed",
)
_COMMENTS = choice(
    "Thanks for sharing!",
    "I had the same problem last week.",
    "Could you add more details?",
    "Works for me, thank you.",
    "I disagree with the second point.",
    "Is there a newer version?",
    "Great summary.",
    "See also the previous discussion.",
)
_NOTICES = choice(
    "Your order has been shipped.",
    "You have a new comment.",
    "Your password was changed.",
    "The invoice is due tomorrow.",
    "Anna invited you to a project.",
    "Your export is ready.",
)
_ORDER_NOTES = choice(
    "Please leave it at the front door.",
    "Gift wrap, please.",
    "Call before delivery.",
    "Ring the bell twice.",
    "Deliver after 5 pm.",
    "Leave it with the neighbour.",
)
_PERSON_NOTES = choice(
    "Prefers e-mail.",
    "Call back next week.",
    "Met at the trade fair.",
    "Speaks French and English.",
    "Works part-time.",
    "Referred by a colleague.",
)

_PEOPLE = (
    "person user employee staff member student teacher patient doctor customer contact driver "
    "player passenger guest owner author actor artist director manager agent candidate applicant "
    "subscriber tenant reader composer writer editor speaker recipient sender assignee reviewer "
    "instructor profile creator reporter approver lead attendee participant volunteer"
)
_COMPANIES = (
    "company firm business organisation organization vendor supplier publisher manufacturer store "
    "shop bank merchant employer client account club hotel restaurant shipper agency partner "
    "sponsor"
)
_PRODUCTS = "product item good ware merchandise line variant stockrecord sku listing"
_PAGES = "post page blog news story article entry content paper wiki document"
_QUESTIONS = (
    "ticket issue bug request complaint inquiry incident case conversation chat message "
    "notification question support topic thread discussion"
)
_NOTED = "order shipment delivery address basket cart"
_RUNS = (
    "run job task process build pipeline workflow execution dag migration import export sync step "
    "instance query deployment backup operation commit check"
)

NAMES = by_word(
    (_PRODUCTS, _product),
    ("category section collection", _category),
    (
        "film movie book album artwork song track painting play show episode game video playlist "
        "exhibition event post page blog news story chapter entry document content paper wiki",
        _artwork,
    ),
    (
        "page flatpage",
        "About us, Contact, Privacy policy, Terms of use, Shipping, Careers, Press, Help",
        _artwork,
    ),
    ("food ingredient grocery", neural("food_name")),
    ("dish meal menu recipe", neural("dish_name")),
    (_COMPANIES, _company),
    ("brand", _brand),
    (
        "software app application package program service repository repo platform system "
        "module plugin tool project extension library",
        _software,
    ),
    ("job position occupation vacancy profession", _job),
    ("task todo activity assignment duty", _task),
    (_QUESTIONS, _ticket),
    ("review rating feedback testimonial comment", _review),
    ("commit revision changeset change changelog", _commit),
    ("city town place location airport station venue warehouse", _city),
    (_PEOPLE, _person),
    ("file attachment image photo picture", _file),
    ("device", "Laptop, iPhone, Android phone, Tablet, Office PC"),
    ("team group", "Platform, Mobile, Marketing, Support, Design, Finance, Operations, Data"),
    ("workspace", "default, research, analytics, production, sandbox, marketing"),
    ("channel room space", "general, random, announcements, engineering, help, off-topic"),
    ("experiment", "baseline, larger-model, no-dropout, augmented, long-training, final"),
    ("metric", "accuracy, loss, f1_score, precision, recall, val_loss, val_accuracy, auc"),
    ("param hyperparameter", "learning_rate, batch_size, epochs, dropout, optimizer, seed"),
    (
        "dashboard chart report query slice view board widget",
        "Sales by region, Monthly revenue, Active users, Open tickets, Stock levels, Web traffic",
    ),
    (
        "course lesson",
        "Introduction to Statistics, Creative Writing, Linear Algebra, World History",
    ),
    ("campaign promotion offer", "Spring Sale, Back to School, Welcome Offer, Holiday Special"),
    ("template", "Welcome e-mail, Order confirmation, Password reset, Invoice, Reminder"),
    ("workflow dag pipeline", "daily_sales, nightly_backup, import_orders, train_model, cleanup"),
    ("step stage", "extract, transform, load, validate, build, test, deploy"),
    ("milestone sprint", "Version 1.0, Version 1.1, Version 2.0, Beta, Public launch"),
    ("permission privilege", "view_order, add_order, change_order, delete_order, view_report"),
    ("attribute option", "Colour, Size, Material, Weight, Length, Style"),
    ("setting config configuration preference", "site_name, time_zone, page_size, theme, language"),
    ("server host node instance", faker("hostname", 24)),
    (
        "connection integration source sink",
        "postgres_main, s3_archive, mailchimp, slack, warehouse",
    ),
    ("webhook hook", "Notify Slack, Start build, Sync contacts, Update tracker"),
    (
        "badge achievement award",
        "First post, Helpful answer, Early adopter, Anniversary, Top author",
    ),
    ("class", "Standard, Reduced, Special, Default"),
    ("metadata", "source, colour, owner, version, format, region"),
    ("folder directory", "Invoices, Contracts, Photos, Archive, Drafts, Reports"),
    ("field column property", "id, name, email, status, created_at, amount, country"),
    ("holiday", "New Year's Day, Good Friday, Labour Day, Independence Day, Christmas Day"),
    ("survey form quiz poll", "Customer satisfaction, Registration, Contact us, Feedback"),
    ("discount coupon voucher", "Welcome 10 %, Free shipping, Summer sale, Student discount"),
    ("list audience segment", "Newsletter, New customers, Inactive users, Partners, Beta testers"),
    ("key token credential", "CI server, Mobile app, Backup script, Laptop, Monitoring"),
    ("rule policy", "Default, Require review, Block spam, Retry on failure, Limit uploads"),
    ("test check", "Login works, Checkout works, Search finds products, Upload a file"),
    (
        "school university college institution institute",
        "Lakeside College, Northern University, Hill School",
    ),
    ("queue pool", "default, high, low, emails, reports"),
)
_TITLES: Topics = {
    **NAMES,
    **by_word(
        (_PEOPLE, _job, faker("prefix", 5)),
        ("software app project system platform", _software),
        ("file image photo picture attachment", _artwork),
        ("release", "Version 1.0, Version 1.1, Version 2.0, Bug fixes, Security update"),
    ),
}
_TEXTS = by_word(
    (f"{_PRODUCTS} feature", _review),
    (f"{_PAGES} film movie book album event course lesson", _paragraph, _sentence),
    (_QUESTIONS, _ticket),
    ("review rating feedback testimonial", _review),
    ("comment reply", _COMMENTS),
    ("notification", _NOTICES),
    ("commit revision changeset change changelog release version", _commit),
    ("task todo activity job position milestone project duty", _task),
    ("log error exception", _LOG_LINES),
    (f"{_NOTED} line", _ORDER_NOTES),
    (_PEOPLE, _PERSON_NOTES),
)
_REMARKS = by_word(
    ("comment reply", _COMMENTS),
    ("ticket issue bug request complaint incident case support", _ticket),
    ("review rating feedback testimonial", _review),
    (_NOTED, _ORDER_NOTES),
)
_REASONS = by_word(
    ("appointment visit", "Annual check-up, Follow-up, Vaccination, Consultation"),
    ("leave absence vacation", "Family holiday, Doctor's appointment, Moving house, Wedding"),
    ("report ban block flag moderation", "Spam, Offensive language, Off topic, Duplicate"),
    ("refund return cancellation order", "Wrong size, Damaged, Arrived late, Changed my mind"),
)

_ACTIVE = "active, inactive, pending, closed"
_STATUSES = by_word(
    (
        "order basket cart purchase",
        "pending, paid, processing, shipped, delivered, cancelled",
        "pending, paid, shipped",
    ),
    ("payment invoice transaction charge payout", "pending, authorized, paid, failed, refunded"),
    ("refund return", "requested, approved, refunded, rejected"),
    ("shipment delivery fulfillment parcel shipping", "packed, shipped, in transit, delivered"),
    (_RUNS, "queued, running, success, failed", "success, failure", "pending, success"),
    (
        "ticket issue bug case request incident complaint todo topic thread",
        "open, in progress, resolved, closed",
        "open, closed",
    ),
    (f"{_PAGES} product course book catalog listing campaign", "draft, published, archived"),
    ("review comment submission moderation feedback", "pending, approved, rejected"),
    ("pull merge", "open, merged, closed"),
    ("milestone project", "planned, active, on hold, completed"),
    (f"{_PEOPLE} account company", _ACTIVE),
    (
        "subscription license licence contract membership",
        "trialing, active, past_due, cancelled",
        "active, expired",
    ),
    ("booking reservation rental appointment event", "pending, confirmed, completed, cancelled"),
    ("invitation invite friend leave approval absence", "pending, approved, rejected"),
    ("application candidate", "applied, interview, offer, hired, rejected"),
    ("lead deal opportunity", "new, contacted, qualified, won, lost"),
    ("email mail sms message notification webhook", "queued, sent, delivered, failed"),
    ("server host node service machine device sensor", "online, offline, maintenance"),
    ("vehicle asset equipment copy bed room car", "available, in use, maintenance"),
    ("experiment lifecycle", "active, deleted"),
    ("model version", "None, Staging, Production, Archived"),
    ("marital civil", "single, married, divorced, widowed"),
    ("employment", "full-time, part-time, contract, former"),
    ("stock inventory", "in stock, low stock, sold out"),
    ("alert", "firing, acknowledged, resolved"),
)
_TYPES = by_word(
    ("address", "billing, shipping, home, work"),
    ("contact phone email", "home, work, mobile"),
    ("media attachment asset", "image, video, audio, document"),
    ("user account member customer", "standard, premium, guest, admin"),
    ("transaction entry", "debit, credit"),
    ("payment card", "card, cash, transfer"),
    ("employment contract job position", "full-time, part-time, contract, intern"),
    ("discount coupon promotion", "percentage, fixed, free_shipping"),
    ("message", "text, image, file, system"),
    ("notification alert", "email, sms, push"),
    ("event action activity audit webhook", "created, updated, deleted, login"),
    ("room", "single, double, suite"),
    ("leave absence", "vacation, sick, parental, unpaid"),
    ("vehicle car", "car, van, truck, motorcycle"),
    ("post page content", "post, page, news"),
    (
        "entity object model resource target subject owner item reference",
        "user, post, order, product",
    ),
    ("field data value attribute column input param parameter", "string, integer, boolean, date"),
    ("document", "invoice, contract, report, letter"),
    ("question", "single choice, multiple choice, text"),
    ("connection conn database", "postgres, mysql, sqlite, http, s3"),
    ("link relation", "relates to, blocks, duplicates, website"),
    ("source", "manual, import, api, web"),
    ("fuel", "petrol, diesel, electric, hybrid"),
    ("run job task trigger", "manual, scheduled, backfill"),
    ("chart viz visualization widget", "table, line, bar, pie, big_number"),
    ("ticket issue bug request", "bug, feature, question, task"),
    ("product", "simple, variable, bundle, digital"),
    ("property estate listing", "house, apartment, office, land"),
    ("business company organization", "LLC, corporation, nonprofit, sole trader"),
    ("device client", "desktop, mobile, tablet"),
    ("flight seat booking", "economy, business, first"),
    ("token", "Bearer, refresh, api"),
    ("tax", "standard, reduced, zero"),
)
_CATEGORIES = by_word(
    (f"{_PAGES} topic", "Technology, Business, Science, Health, Travel, Culture"),
    ("expense transaction budget", "Travel, Meals, Software, Office, Training"),
    ("ticket issue support question faq request", "Billing, Account, Shipping, Technical, Other"),
)
_FILM_GENRES = "Action, Comedy, Drama, Documentary, Horror, Romance, Thriller"
_GENRES = by_word(
    ("track album song artist music band concert", "Rock, Jazz, Pop, Classical, Blues, Hip-Hop"),
    ("book novel author", "Fantasy, Mystery, Romance, Biography, Poetry, Science fiction"),
)
_VALUES = by_word(
    ("param parameter hyperparameter", "0.001, 32, 10, adam, true"),
    ("attribute option variant", "Red, Blue, Small, Large, Cotton"),
    ("metric", "0.91, 0.87, 0.42"),
)

# for what has a name and nothing says which
_ANY_NAME = (
    "Standard, Basic, Premium, Regional, Seasonal, Internal, Extended, Custom, Classic, Advanced, "
    "Essential, Default, Central, Express, Annual, Local"
)
_LONG = _paragraph, _sentence
_SHORTER = (
    r"\b(description|desc|summary|note|message|feedback|review|detail|subject"
    r"|instruction|memo|question|answer|response|excerpt|observation|feature|announcement"
    r"|explanation)( text)?( \d)?$"
)

# A column of a kind has the sources of its topic, which its other words or its table tell.
_KINDS: tuple[tuple[str, Topics, tuple[str | SuggestedSource, ...]], ...] = (
    (r"\b(title|headline|heading|caption|alt)$", _TITLES, (_artwork,)),
    (r"\breason$", _REASONS, ("Requested by customer, Duplicate, No longer needed", _sentence)),
    (r"\blog( message)?$", {}, (_LOG_LINES,)),
    (r"\b(text|body|content|abstract|synopsis|overview|raw|cooked)( \d)?$", _TEXTS, _LONG),
    (r"\b(comment|remark|reply)$", _REMARKS, (_COMMENTS, _sentence)),
    (_SHORTER, _TEXTS, (_sentence,)),
    (r"\bstate$", _STATUSES, (_ACTIVE, "new, active, done", faker("state_abbr", 2))),
    (r"\b(status|stage|phase)$", _STATUSES, (_ACTIVE, "new, active, done", "A, B, C")),
    (r"\bcategory$", _CATEGORIES, (_category,)),
    (r"\bgenre$", _GENRES, (_FILM_GENRES,)),
    (r"\b(type|kind|mode|class)$", _TYPES, ("standard, custom, special", "A, B, C")),
    (r"\bvalue$", _VALUES, ("true, false, 10, 50, auto",)),
    (r"\b(name|label|designation|display)$|name$", NAMES, (_ANY_NAME,)),
)
KINDS_OF_TEXT: tuple[tuple[re.Pattern[str], Topics, tuple[SuggestedSource, ...]], ...] = tuple(
    (re.compile(pattern), topics, tuple(map(listed, usual))) for pattern, topics, usual in _KINDS
)
"""Patterns of columns, and for each the sources of its topics and those of any topic."""
