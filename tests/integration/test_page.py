"""The page in a browser, against the whole service: a person drops a photo and reads the fields beside it."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.conftest import DATA
from tests.integration.conftest import KEY, Service

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--lang=en",
    "--window-size=1280,1400",
)
WITHIN_S = 60
DROP = """
    const [target, base64, name, type] = arguments;
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    target.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    home = tmp_path_factory.mktemp("home")
    for flag in (*FLAGS, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(
        options, webdriver.ChromeService(DRIVER, env=os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home)})
    )
    yield driver
    driver.quit()


class Page:
    """The page as a person sees it."""

    def __init__(self, driver: webdriver.Chrome, service: Service, key: str) -> None:
        self.driver = driver
        # From elsewhere, so that the address with the key is loaded anew, and without the language chosen before.
        driver.get(f"http://127.0.0.1:{service.port}/healthz")
        driver.execute_script("localStorage.clear()")
        driver.get(f"http://127.0.0.1:{service.port}/#key={key}")

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def wait(self, condition):
        return WebDriverWait(self.driver, WITHIN_S).until(lambda _: condition())

    def choose(self, path: Path) -> None:
        self.find("#file").send_keys(str(path))

    def failure(self) -> str:
        return self.wait(lambda: self.find("#failure").text)

    def fields(self) -> dict[str, str]:
        """Field → value, once they are there."""
        self.wait(lambda: self.find("#outcome").is_displayed() and self.find("#fields tbody").text)
        rows = self.driver.find_elements(By.CSS_SELECTOR, "#fields tbody tr")
        return {row.get_attribute("data-field"): row.find_element(By.TAG_NAME, "td").text for row in rows}


@pytest.fixture
def page(chromium, service) -> Iterator[Page]:
    page = Page(chromium, service, KEY)
    yield page
    # The policy lets nothing in from outside, so whatever it refuses stands here, as do faults of the scripts.
    lines = [line["message"] for line in chromium.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
    assert [line for line in lines if "the server responded with a status of 4" not in line] == []


@pytest.fixture(scope="module")
def truth() -> dict:
    return {card["file"]: card.get("fields") for card in json.loads((DATA / "cards.json").read_text())}


def test_a_photo_that_is_dropped_is_read_and_boxed(page, truth, service):
    photo = base64.b64encode((DATA / "sample.jpg").read_bytes()).decode()
    page.driver.execute_script(DROP, page.find("#drop"), photo, "sample.jpg", "image/jpeg")
    shown = page.fields()
    for name, value in truth["sample.jpg"].items():
        assert shown[name].split("\n")[0] == value
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#photo polygon")) >= 15
    assert "%" in page.find('tr[data-field="identityId"]').text
    assert page.find("#status").text.startswith("Read in")
    # The key came with the address and must not stay there.
    assert page.driver.current_url == f"http://127.0.0.1:{service.port}/"


def test_the_boxes_lie_on_the_card_and_light_up_with_their_row(page):
    page.choose(DATA / "photo_perspective.jpg")
    page.fields()
    frame, nik = page.find("#photo .frame").rect, page.find('polygon[data-field="identityId"]').rect
    # In this photo the NIK stands in the upper half, right of the card's left third.
    assert frame["x"] < nik["x"] < frame["x"] + frame["width"] / 2
    assert frame["y"] < nik["y"] < frame["y"] + frame["height"] / 2
    page.driver.execute_script("arguments[0].focus()", page.find('tr[data-field="identityId"]'))
    assert "lit" in page.find('polygon[data-field="identityId"]').get_attribute("class")


def test_a_specimen_by_keyboard_alone_in_indonesian(page):
    Select(page.find("#language")).select_by_value("id")
    assert page.find("#fields-title").get_attribute("textContent") == "Hasil pembacaan"
    page.driver.execute_script("arguments[0].focus()", page.find("#file"))
    ActionChains(page.driver).send_keys(Keys.TAB, Keys.TAB).perform()
    button = page.driver.switch_to.active_element
    assert button.text == "Coba contoh"
    button.send_keys(Keys.ENTER)
    assert page.fields()["province"] == "PAPUA"
    assert "detik" in page.find("#status").text
    Select(page.find("#language")).select_by_value("en")
    assert page.find('tr[data-field="fullName"] th').text == "Name"
    assert page.find("#status").text.startswith("Read in")


def test_a_wrong_key_is_said_and_asked_for_again(chromium, service):
    page = Page(chromium, service, "wrong")
    page.choose(DATA / "sample.jpg")
    assert "valid API key" in page.failure()
    assert page.driver.switch_to.active_element.get_attribute("id") == "key"
    page.find("#key").clear()
    page.find("#key").send_keys(KEY, Keys.ENTER)
    page.choose(DATA / "sample.jpg")
    assert page.fields()["nationality"] == "WNI"


def test_a_photo_without_a_card_gets_advice(page):
    page.choose(DATA / "negatives" / "desk.jpg")
    failure = page.failure()
    assert "For a better photo:" in failure
    # What was wrong with it is not known.
    assert "is blurred" not in failure
    assert not page.find("#outcome").is_displayed()


def test_a_file_that_is_no_image(page, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    page.choose(tmp_path / "notes.txt")
    assert page.failure() == "The browser cannot open this file as an image."


def test_the_camera_gives_a_photo(page):
    page.find("#camera").click()
    page.wait(lambda: page.find("#shoot").is_displayed())
    page.find("#shoot").click()
    # Chromium's camera for tests shows no card.
    assert page.failure()
    assert not page.find("#viewfinder").is_displayed()


def test_deleting_removes_it_from_the_service(page, service):
    page.choose(DATA / "sample.jpg")
    page.fields()
    before = set(service.redis.keys("kartu:job:*"))
    page.find("#remove").click()
    page.wait(lambda: page.find("#status").text == "Deleted from the service.")
    assert len(before - set(service.redis.keys("kartu:job:*"))) == 1
    assert not page.find("#outcome").is_displayed()


def test_it_fits_a_phone(page):
    phone = {"width": 375, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        # Nothing can be dragged there.
        assert page.find("#drop-title").text == "A photo of a KTP"
        page.find("#specimen").click()
        page.fields()
        # What was read is in view, and not below the fold.
        top = "return document.querySelector('#photo').getBoundingClientRect().y"
        assert 0 <= page.driver.execute_script(top) < 400
        for language in ("en", "id"):
            Select(page.find("#language")).select_by_value(language)
            assert page.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth") <= 0
            # Whole words: no value that has room in a line is broken.
            nik = page.find('tr[data-field="identityId"] td.value').rect
            assert nik["height"] < 30
            assert nik["width"] + nik["x"] < 375
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_one_thing_has_the_focus_and_shows_it(page):
    order = ["", "language", "key", "", "file", "camera", "specimen"]
    shown = """return [...document.querySelectorAll('*')].filter(
        (each) => getComputedStyle(each).outlineStyle === 'solid' && each.offsetWidth > 1).length"""
    for expected in order:
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        assert page.driver.switch_to.active_element.get_attribute("id") == expected
        assert page.driver.execute_script(shown) == 1
