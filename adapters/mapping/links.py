"""Links: only what Twenty takes for a URL, in the form it stores.

Twenty refuses a link it takes for invalid without naming it (`INVALID_URL`), lower-cases scheme and host, drops the
default port and cuts a trailing slash (FACTS sections 4 and 5). Its own check knows host names with a letters-only
top-level domain, IPv4 addresses and no fragment right after the host.
"""

import re
from collections.abc import Sequence

import idna

from adapters.mapping.text import present
from adapters.mapping.values import Note, Parsed

JsonLink = dict[str, str]
JsonLinks = dict[str, str | list[JsonLink]]

_URL = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[^\s/?#:@\\]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?]\S*)?", re.IGNORECASE
)
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
    match = None if _DAMAGED.search(text) else _URL.fullmatch(text)
    host = _host(match["host"]) if match else None
    if match is None or host is None or not (match["scheme"] or _on_network(host, network)):
        return Parsed(None, (Note("link_invalid", f"'{text}' is not a link Twenty would take"),))
    scheme = (match["scheme"] or "https").lower()
    port = match["port"]
    shown = "" if port is None or int(port) == int(_DEFAULT_PORTS[scheme]) else f":{int(port)}"
    return Parsed(f"{scheme}://{host}{shown}{match['rest'] or ''}".rstrip("/"))


def links(cells: Sequence[str | None], labels: Sequence[str]) -> Parsed[JsonLinks]:
    """Twenty's LINKS composite, whole: the first valid link is the primary one, as Twenty itself would have it."""
    notes: list[Note] = []
    found: list[JsonLink] = []
    for cell, label in zip(cells, labels, strict=True):
        address, noticed = url(cell, label)
        notes.extend(noticed)
        if address is not None:
            found.append({"url": address, "label": label})
    return Parsed(_composite(found) if found else None, tuple(notes))


def linkedin_link(cell: str | None) -> Parsed[JsonLinks]:
    """A LinkedIn profile as a LINKS composite without a label, as Twenty's own field has it."""
    address, notes = url(cell, "LinkedIn")
    return Parsed(_composite([{"url": address, "label": ""}]) if address else None, notes)


def _composite(found: list[JsonLink]) -> JsonLinks:
    primary, *secondary = found
    return {"primaryLinkLabel": primary["label"], "primaryLinkUrl": primary["url"], "secondaryLinks": secondary}


def _on_network(host: str, network: str) -> bool:
    hosts = NETWORKS.get(network, ())
    return not network or any(host == known or host.endswith(f".{known}") for known in hosts)


def _host(written: str) -> str | None:
    host = written.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return host if _HOST.fullmatch(host) or _IPV4.fullmatch(host) else None
