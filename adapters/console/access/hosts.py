"""By which names the console may be called: a page elsewhere whose name was pointed at us (DNS rebinding) uses none."""

import ipaddress
import re

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\Z")
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_.-]{1,253}))(?::[0-9]{1,5})?\Z")


def is_loopback(host: str) -> bool:
    """Whether only this machine can call an address that is listened on."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_every_address(host: str) -> bool:
    """Whether a host stands for all addresses of the machine, and so names none."""
    address = _address(host)
    return not host if address is None else address.is_unspecified


def allowed_names(bound: str, more: tuple[str, ...] = ()) -> frozenset[str]:
    """The names a Host header may bear: what is listened on, what the operator adds, and on loopback its names."""
    own: frozenset[str] = frozenset() if is_every_address(bound) else frozenset({_canonical(bound)})
    return own | frozenset(map(_canonical, more)) | (LOOPBACK if is_loopback(bound) else frozenset())


def is_host_name(name: str) -> bool:
    """Whether `name` can stand in a Host header, without a port."""
    return _address(name) is not None or _NAME.match(name.lower()) is not None


def named_in(host_header: str) -> str | None:
    """The name in a Host header without its port, or None where it is no proper one."""
    match = _HOST.match(host_header.lower())
    if match is None:
        return None
    if match["six"] is None:
        return match["name"]
    address = _address(match["six"])
    return None if address is None else str(address)


def _canonical(name: str) -> str:
    address = _address(name)
    return name.lower() if address is None else str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
