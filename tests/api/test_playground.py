"""The page and its files are served under a policy that lets nothing in from outside."""

import re

import pytest

PAGE = ["/", "/playground/page.js", "/playground/page.css", "/playground/specimen.jpg", "/playground/icon.svg"]


@pytest.mark.parametrize("path", PAGE)
def test_files_are_served_confined(app, path):
    response = app.test_client().get(path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", *(f"/playground/{name}.js" for name in ("page", "service", "outcome", "photo"))])
def test_nothing_outside_is_named(app, path):
    text = app.test_client().get(path).text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.", text)


@pytest.mark.parametrize("path", ["/playground/", "/playground/../__init__.py", "/playground/%2e%2e/__init__.py"])
def test_nothing_else_is_served(app, path):
    response = app.test_client().get(path)
    assert response.status_code == 404
    assert response.json["errors"]["errorType"] == "not_found"


def test_both_languages_say_the_same(app):
    texts = app.test_client().get("/playground/texts.js").text
    english, indonesian = re.findall(r"^  (?:en|id): \{\n(.*?)^  \},", texts, re.DOTALL | re.MULTILINE)
    names = [re.findall(r"^    (\w+):", part, re.MULTILINE) for part in (english, indonesian)]
    assert names[0] == names[1]
    used = set(re.findall(r'data-text="(\w+)"', app.test_client().get("/").text))
    assert used <= set(names[0])
