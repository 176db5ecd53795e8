"""Which URLs and addresses a webhook may go to."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from shared.callback_urls import CallbackRules, receiver_digest
from shared.errors import ValidationFailed
from shared.public_addresses import is_public
from shared.settings import InvalidSettingError

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "3fff:fff:ffff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "2606:4700:4700::1111%1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]


@pytest.fixture
def rules(settings):
    return CallbackRules(settings)


@pytest.fixture
def open_rules(settings):
    return CallbackRules(replace(settings, webhook_http=True, webhook_networks="127.0.0.0/8, ::1/128"))


def fault(rules, url: str) -> str:
    with pytest.raises(ValidationFailed) as raised:
        rules.check(url)
    ((sentence,),) = raised.value.fields.values()
    assert raised.value.fields.keys() == {"callbackUrl"}
    return sentence


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_public_internet_is_refused(rules, address):
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    fault(rules, f"https://{host}/")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
def test_public_addresses_are_permitted(rules, address):
    assert is_public(ip_address(address))
    assert rules.check(f"https://[{address}]/" if ":" in address else f"https://{address}/").host == address


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "1.2.3.4.5",
        "example.0x7f",
        "localhost",
        "metadata",
        "127.0.0.1%2f",
        "a..b",
        "a.example..",
        ".",
        "-a.example",
        "a-.example",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::1%25lo]",
        f"{'a' * 64}.example",
        ".".join(["abcdefgh"] * 30),
        "",
    ],
)
def test_odd_forms_of_hosts_are_refused(rules, host):
    fault(rules, f"https://{host}/hook")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://example.com/", "Must be a URL that begins with https://."),
        ("ftp://example.com/", "Must be a URL that begins with https://."),
        ("example.com", "Must be a URL that begins with https://."),
        ("https://user:secret@example.com/", "Must not hold a user name or password."),
        ("https://example.com@127.0.0.1/", "Must not hold a user name or password."),
        ("https://example.com/#part", "Must not have a fragment."),
        ("https://example.com:0/", "The host or port is not valid."),
        ("https://example.com:99999/", "The host or port is not valid."),
        ("https://example.com:x/", "The host or port is not valid."),
        ("https://[::1/", "The host or port is not valid."),
        ("https://example.com/a b", "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("https://example.com/\n", "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("https://example.com\\@127.0.0.1/", "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("https://bücher.example/", "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("https://example.com/" + "x" * 2048, "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("", "Must be a URL of at most 2048 ASCII characters, without blanks."),
        ("https://10.0.0.1/", "The host must be a public name or address."),
        ("https://localhost/", "The host must be a public name or address."),
    ],
)
def test_what_is_wrong_is_said(rules, url, sentence):
    assert fault(rules, url) == sentence


def test_a_url_is_taken_apart_and_sent_as_it_stands(rules):
    target = rules.check("https://Hooks.Example.com/a%20b?token=x&y=//z")
    assert (target.scheme, target.host, target.port) == ("https", "hooks.example.com", 443)
    assert target.path == "/a%20b?token=x&y=//z"
    assert target.authority == "hooks.example.com"
    assert rules.check("https://a.example:8443").authority == "a.example:8443"
    assert rules.check("https://a.example.:8443/") == rules.check("https://a.example:8443/")
    assert rules.check("https://a.example:8443").path == "/"
    assert rules.check("https://[2606:4700:4700::1111]:444/").authority == "[2606:4700:4700::1111]:444"


def test_settings_open_http_and_named_networks_and_nothing_else(open_rules):
    assert open_rules.check("http://127.0.0.1:8000/").port == 8000
    assert open_rules.check("http://[::1]/").authority == "[::1]"
    assert open_rules.check("http://receiver/").host == "receiver"
    for url in ("http://10.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "ftp://127.0.0.1/"):
        fault(open_rules, url)
    assert fault(open_rules, "ftp://a.b/") == "Must be a URL that begins with https:// or http://."


@pytest.mark.parametrize("networks", ["127.0.0.1/8", "localhost", "10.0.0.0/8;"])
def test_networks_that_are_none_are_said(settings, networks):
    with pytest.raises(InvalidSettingError, match="KARTU_WEBHOOK_NETWORKS"):
        CallbackRules(replace(settings, webhook_networks=networks))


def test_a_receiver_has_one_name_for_each_key_and_none_that_tells_it(rules):
    first, same = rules.check("https://a.example/1?token=x"), rules.check("https://A.example:443/2")
    other = rules.check("https://a.example:444/1")
    key = b"k" * 32
    assert receiver_digest(first, "one", key) == receiver_digest(same, "one", key)
    names = {receiver_digest(first, "one", key), receiver_digest(first, "two", key), receiver_digest(other, "one", key)}
    assert len(names | {receiver_digest(first, "one", b"l" * 32)}) == 4
