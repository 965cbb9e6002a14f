"""What the console is given of this program: how a rollback is foreseen, and how an e-mail is written."""

from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from adapters.console.errors import Refused
from adapters.console.settings import ConsoleSettings, Given, PlanWanted
from adapters.mapping import normalise_email
from commands.compensation.scope import Plan, Wanted, scope_of
from commands.errors import WrongUse
from commands.rollback import planned
from ledger.reader import Reader


def settings_of(ledgers: tuple[Path, ...], *, mask: bool, twenty_url: str | None) -> ConsoleSettings:
    """How some ledgers are shown.

    Raises:
        WrongUse: Twenty's address is no address of a web site.
    """
    return ConsoleSettings(
        ledgers=ledgers,
        given=Given(plan=_plan, normal_email=_normal_email),
        mask=mask,
        twenty_url=None if twenty_url is None else _site(twenty_url),
        version=version("kartra-to-twenty"),
    )


def _site(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise WrongUse(f"--twenty-url {address}: records are linked to an address like https://crm.example.com")
    return f"{parts.scheme}://{parts.netloc}"


async def _plan(reader: Reader, wanted: PlanWanted) -> Plan:
    try:
        scope = await scope_of(
            reader, Wanted(run=wanted.run, since=wanted.since, objects=wanted.objects, records=wanted.records)
        )
    except WrongUse as refusal:
        raise Refused(str(refusal)) from refusal
    return await planned(reader, scope, force=wanted.force, soft=wanted.soft)


def _normal_email(text: str) -> str | None:
    normal = normalise_email(text)
    return normal if isinstance(normal, str) else None
