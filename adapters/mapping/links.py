"""Links: only what Twenty takes for a URL, in the form it stores.

Twenty refuses a link it takes for invalid without naming it (`INVALID_URL`), lower-cases scheme and host, drops the
default port and cuts a trailing slash (FACTS sections 4 and 5). Its own check knows host names with a letters-only
top-level domain, IPv4 addresses and no fragment right after the host.
"""

import re
from collections.abc import Iterable

import idna

from adapters.mapping.remembering import remembered
from adapters.mapping.text import present
from adapters.mapping.values import Note, Parsed

JsonLink = dict[str, str]
JsonLinks = dict[str, str | list[JsonLink]]

_URL = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[^\s/?#:@\\]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?]\S*)?", re.IGNORECASE
)
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)(?:/[!-~]*)?")
"""What most links look like: with a scheme, and stored as they are where the host is one."""
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_DAMAGED = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufeff\ufffd]")
_DEFAULT_PORTS = {"http": "80", "https": "443"}

NETWORKS = {
    "Facebook": ("facebook.com", "fb.com", "fb.me"),
    "Instagram": ("instagram.com", "instagr.am"),
    "LinkedIn": ("linkedin.com", "lnkd.in"),
    "X": ("x.com", "twitter.com"),
}
"""Where the profiles of a network live. A handle such as `jane.doe` would otherwise pass for a host name."""


def url(cell: str | None, network: str = "") -> Parsed[str]:
    """The cell as a URL in Twenty's stored form, `https://` put in front where the scheme is missing; or a note.

    With a `network`, a value without scheme must lie on one of its hosts. Idempotent.
    """
    text = present(cell)
    if text is None:
        return Parsed(None)
    plain = _PLAIN.fullmatch(text)
    return Parsed(text.rstrip("/")) if plain and _host(plain[1]) else stored_url(text, network)


def stored_url(text: str, network: str) -> Parsed[str]:
    """The same of any text that is `present`."""
    match = None if _DAMAGED.search(text) else _URL.fullmatch(text)
    scheme, written, port, rest = match.groups() if match else (None, "", None, None)
    host = _host(written) if written else None
    if host is None or not (scheme or _on_network(host, network)):
        return Parsed(None, (Note("link_invalid", f"'{text}' is not a link Twenty would take"),))
    scheme = (scheme or "https").lower()
    shown = "" if port is None or int(port) == int(_DEFAULT_PORTS[scheme]) else f":{int(port)}"
    return Parsed(f"{scheme}://{host}{shown}{rest or ''}".rstrip("/"))


def links_field(found: Iterable[tuple[str | None, str]]) -> JsonLinks | None:
    """Twenty's LINKS composite, whole, of (address or None, label): the first address is primary, as Twenty has it."""
    valid = [(address, label) for address, label in found if address]
    if not valid:
        return None
    (primary, label), *others = valid
    secondary = [{"url": address, "label": name} for address, name in others]
    return {"primaryLinkLabel": label, "primaryLinkUrl": primary, "secondaryLinks": secondary}


def linkedin_link(cell: str | None) -> Parsed[JsonLinks]:
    """A LinkedIn profile as a LINKS composite without a label, as Twenty's own field has it."""
    address, notes = url(cell, "LinkedIn")
    return Parsed(links_field([(address, "")]), notes)


@remembered
def _on_network(host: str, network: str) -> bool:
    hosts = NETWORKS.get(network, ())
    return not network or any(host == known or host.endswith(f".{known}") for known in hosts)


@remembered
def _host(written: str) -> str | None:
    host = written.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return host if _HOST.fullmatch(host) or _IPV4.fullmatch(host) else None
