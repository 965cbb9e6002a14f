"""Addresses of Twenty as operators write them."""

import pytest

from adapters.twenty import BadAddress, base_of
from adapters.twenty.address import without_secrets


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.twenty.com", "https://api.twenty.com"),
        ("https://api.twenty.com/graphql", "https://api.twenty.com"),
        ("http://127.0.0.1:3000/rest/metadata/", "http://127.0.0.1:3000"),
        (" https://crm.example.com/sub/rest ", "https://crm.example.com/sub"),
        ("https://crm.example.com/metadata", "https://crm.example.com"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        ("https://crm.example.com/restaurants", "https://crm.example.com/restaurants"),
    ],
)
def test_base_is_found(given: str, base: str) -> None:
    """With or without the path of an API, the same base comes out."""
    assert base_of(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "",
        "crm.example.com",
        "ftp://crm",
        "https://",
        "https://u:hunter2@crm",
        "https://crm?k=hunter2",
        "https://crm:99999",
    ],
)
def test_unusable_address_is_refused_without_quoting_it(given: str) -> None:
    """An address that cannot work, or could hold a secret, is refused, and the message does not repeat it."""
    with pytest.raises(BadAddress) as refused:
        base_of(given)
    assert "hunter2" not in str(refused.value)


def test_redirect_target_loses_its_secrets() -> None:
    """Of a redirect only scheme, host and path are kept."""
    assert without_secrets("https://u:p@sso.example.com/login?token=hunter2#x") == "https://sso.example.com/login"
    assert without_secrets("/login?token=hunter2") == "/login"
