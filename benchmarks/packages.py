"""Whether `seed init` and `seed run` take the databases that packages make by their migrations.

python benchmarks/packages.py FOLDER [PACKAGE ...]   where FOLDER keeps an environment for each
package; what is not there is installed. After the run, the package's own check must pass. The
servers are those of .ci/databases.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from schemas import database, seeded
from sqlalchemy import URL

DRIVERS = ("psycopg[binary]", "psycopg2-binary", "pymysql", "asyncpg", "aiosqlite", "setuptools<81")


@dataclass(frozen=True)
class Package:
    """A package, and how its database is made.

    Args:
        requirement: what pip installs.
        make: the commands that make the database; {url} is its URL.
        check: the commands that say afterwards whether the package finds its database as it was.
        kinds: the databases that it supports, and the driver of its URL.
        settings: environment variables.
        files: files that are written first, by path.
    """

    requirement: str
    make: Sequence[str]
    check: Sequence[str]
    kinds: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


BOTH = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2"}
ALL = {**BOTH, "mariadb": "mysql+pymysql"}
SETTINGS = """
import os
from urllib.parse import urlparse
import pymysql
pymysql.version_info = (2, 2, 7, "final", 0)  # what Django asks of mysqlclient
pymysql.install_as_MySQLdb()
BASE = os.getcwd()
found = urlparse(os.environ["DATABASE_URL"])
kinds = {"sqlite": "sqlite3", "postgresql": "postgresql", "mysql": "mysql"}
kind = found.scheme.partition("+")[0]
DATABASES = {"default": {
    "ENGINE": "django.db.backends." + kinds[kind],
    "NAME": found.path[1:], "HOST": found.hostname or "", "PORT": found.port or "",
    "USER": found.username or "", "PASSWORD": found.password or "",
}}
SECRET_KEY = "not a secret"
USE_TZ = True
SITE_ID = 1
STATIC_URL = "/static/"
MEDIA_ROOT, STATIC_ROOT = BASE + "/media", BASE + "/static"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "urls"
CONTRIB = ["django.contrib." + one for one in (
    "admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "flatpages",
    "postgres")]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages"]}}]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware"]
"""
WAGTAIL = """
INSTALLED_APPS = [*CONTRIB, *("wagtail." + one for one in (
    "contrib.forms", "contrib.redirects", "embeds", "sites", "users", "snippets", "documents",
    "images", "search", "admin")), "wagtail", "modelcluster", "taggit"]
WAGTAIL_SITE_NAME = "shop"
WAGTAILADMIN_BASE_URL = "http://localhost"
"""
OSCAR = """
from oscar.defaults import *
INSTALLED_APPS = [*CONTRIB, "oscar.config.Shop", *("oscar.apps." + one for one in (
    "analytics.apps.AnalyticsConfig", "checkout.apps.CheckoutConfig", "address.apps.AddressConfig",
    "shipping.apps.ShippingConfig", "catalogue.apps.CatalogueConfig",
    "catalogue.reviews.apps.CatalogueReviewsConfig", "communication.apps.CommunicationConfig",
    "partner.apps.PartnerConfig", "basket.apps.BasketConfig", "payment.apps.PaymentConfig",
    "offer.apps.OfferConfig", "order.apps.OrderConfig", "customer.apps.CustomerConfig",
    "search.apps.SearchConfig", "voucher.apps.VoucherConfig", "wishlists.apps.WishlistsConfig",
    "dashboard.apps.DashboardConfig", "dashboard.reports.apps.ReportsDashboardConfig",
    "dashboard.users.apps.UsersDashboardConfig", "dashboard.orders.apps.OrdersDashboardConfig",
    "dashboard.catalogue.apps.CatalogueDashboardConfig",
    "dashboard.offers.apps.OffersDashboardConfig",
    "dashboard.partners.apps.PartnersDashboardConfig", "dashboard.pages.apps.PagesDashboardConfig",
    "dashboard.ranges.apps.RangesDashboardConfig",
    "dashboard.reviews.apps.ReviewsDashboardConfig",
    "dashboard.vouchers.apps.VouchersDashboardConfig",
    "dashboard.communications.apps.CommunicationsDashboardConfig",
    "dashboard.shipping.apps.ShippingDashboardConfig")),
    "widget_tweaks", "haystack", "treebeard", "django_tables2", "sorl.thumbnail"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
"""


def django(requirement: str, apps: str, kinds: dict[str, str] = ALL) -> Package:
    """A package of Django, whose project is one file of settings."""
    return Package(
        requirement,
        ["{bin}/django-admin migrate --pythonpath ."],
        ["{bin}/django-admin migrate --check --pythonpath ."],
        kinds,
        {"DJANGO_SETTINGS_MODULE": "project"},
        {"project.py": SETTINGS + apps, "urls.py": "urlpatterns = []\n"},
    )


PACKAGES = {
    "django": django("django", "INSTALLED_APPS = CONTRIB\n"),
    "wagtail": django("wagtail", WAGTAIL),
    "django-oscar": django("django-oscar[sorl-thumbnail]", OSCAR),
    "mlflow": Package(
        "mlflow",
        ["{bin}/mlflow db upgrade {url}"],
        ["{bin}/mlflow db upgrade {url}"],
        ALL,
    ),
    "optuna": Package(
        "optuna",
        ["{bin}/optuna create-study --study-name one --storage {url}"],
        ["{bin}/optuna storage upgrade --storage {url}"],
        ALL,
    ),
    "prefect": Package(
        "prefect",
        ["{bin}/prefect server database upgrade -y"],
        ["{bin}/prefect server database upgrade -y"],
        {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"},
        {"PREFECT_API_DATABASE_CONNECTION_URL": "{url}"},
    ),
    "apache-airflow": Package(
        "apache-airflow",
        ["{bin}/airflow db migrate"],
        ["{bin}/airflow db check-migrations"],
        BOTH,
        {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "{url}", "AIRFLOW_HOME": "{folder}"},
    ),
}


def main(folder: Path, names: Sequence[str]) -> None:
    table = Table("package", "database", "tables", "left out", "seconds", "run", "check", box=None)
    passed = total = 0
    for name in names or PACKAGES:
        package = PACKAGES[name]
        programs = installed(folder.resolve() / name, package.requirement)
        for kind, driver in package.kinds.items():
            with database(kind) as url:
                row = tried(package, programs, url, driver)
            total += 1
            passed += row[-2:] == ("ok", "ok")
            table.add_row(name, kind, *row)
    Console(width=180).print(table)
    print(f"{passed} of {total} end well")


def installed(folder: Path, requirement: str) -> Path:
    """Install a package into an environment of its own; return the folder of its programs."""
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, requirement, *DRIVERS], check=True)
    return folder / "bin"


def tried(package: Package, programs: Path, url: URL, driver: str) -> tuple[str, ...]:
    """Make the database, fill it, and let the package check it."""
    address = url.set(drivername=driver, query={}).render_as_string(hide_password=False)
    folder = programs.parent / "project"
    folder.mkdir(exist_ok=True)
    for name, text in package.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    places = {"url": address, "bin": str(programs), "folder": str(folder)}
    settings = {name: value.format(**places) for name, value in package.settings.items()}
    environment = {**os.environ, "DATABASE_URL": address, **settings}

    def said(commands: Sequence[str]) -> str:
        for command in commands:
            done = subprocess.run(
                command.format(**places).split(),
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                return (done.stderr.strip() or done.stdout.strip() or "?").splitlines()[-1]
        return ""

    if wrong := said(package.make):
        return "", "", "", f"not made: {wrong}", ""
    began = time.perf_counter()
    tables, left_out, refused = seeded(url)
    took = f"{time.perf_counter() - began:.0f}"
    return str(tables), str(left_out), took, refused or "ok", said(package.check) or "ok"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
