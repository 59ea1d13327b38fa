"""The built site: no dead link, every command, and a playground with the texts of Python."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import faker_neural
from faker_neural.cli import command_group

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

SITE = Path(__file__).parents[2] / "build" / "site"
CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if CHROMIUM is None or shutil.which("chromedriver") is None:
        pytest.skip("there is no chromium and chromedriver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(option)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


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


def test_the_reference_has_every_public_name(site: str) -> None:
    page = (SITE / "reference" / "api.html").read_text()
    missing = [name for name in faker_neural.__all__ if f'id="faker_neural.{name}"' not in page]
    assert missing == []


@pytest.mark.parametrize("field", ["company", "support_ticket", "japanese_address"])
def test_the_playground_draws_the_texts_of_python(site: str, browser: Chrome, field: str) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{site}/playground.html?field={field}")
    output = browser.find_element(By.ID, "texts")
    WebDriverWait(browser, 60).until(lambda _: output.get_attribute("data-done") == "yes")
    assert output.text.splitlines() == faker_neural.generate(field, 20)


def test_the_site_loads_nothing_from_elsewhere(site: str, browser: Chrome) -> None:
    browser.get(f"{site}/playground.html")
    script = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    loaded = browser.execute_script(script)
    assert len(loaded) > 5
    assert [address for address in loaded if not address.startswith(site)] == []
