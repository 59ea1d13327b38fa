"""The built site: no dead link, every command, and a playground with the texts of Python."""

from __future__ import annotations

import functools
import html
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

import faker_neural
import faker_neural_export
from faker_neural import seeding
from faker_neural.cli import command_group

SITE = Path(__file__).parents[2] / "build" / "site"
CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--virtual-time-budget=120000",  # milliseconds; they pass as soon as nothing is loading
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the site is not built: make docs")
    server = ThreadingHTTPServer(("localhost", 0), functools.partial(Quiet, directory=str(SITE)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def opened(address: str, folder: Path) -> str:
    """Return a page as the browser has it after its scripts have run; it reaches no other host."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={folder}", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.stdout


def test_no_link_of_the_site_is_dead(site: str) -> None:
    checker = Path(sys.executable).with_name("linkchecker")
    command = [checker, "--no-status", "--no-warnings", f"{site}/index.html"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_reference_has_every_command(site: str) -> None:
    page = (SITE / "reference" / "commands.html").read_text()
    names = list(command_group().commands)
    assert len(names) > 8
    assert [name for name in names if f'id="faker-neural-{name}"' not in page] == []


@pytest.mark.parametrize(
    ("page", "package"),
    [("api", faker_neural), ("seeding", seeding), ("export", faker_neural_export)],
)
def test_the_reference_has_every_public_name(site: str, page: str, package: ModuleType) -> None:
    text = (SITE / "reference" / f"{page}.html").read_text()
    names = [f"{package.__name__}.{name}" for name in package.__all__]
    assert [name for name in names if f'id="{name}"' not in text] == []


@pytest.mark.parametrize("field", ["company", "support_ticket", "japanese_address"])
def test_the_playground_draws_the_texts_of_python(site: str, field: str, tmp_path: Path) -> None:
    page = opened(f"{site}/playground.html?field={field}", tmp_path)
    found = re.search(r'<code id="texts"[^>]* data-done="yes">(.*?)</code>', page, re.DOTALL)
    assert found, page
    assert html.unescape(found[1]).splitlines() == faker_neural.generate(field, 20)
