"""confirm: show what a mapping says and what changed in it, and sign it: no record moves under an unsigned one."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from difflib import unified_diff
from typing import Any

import msgspec
import rich_click as click

from adapters.mapping import MappingConfig, load_mapping, object_plans, shipped_text, targets
from commands import reporting
from commands.errors import WrongUse
from commands.mapping import Signature, last_signature, signature_of
from commands.options import Options, general
from commands.reading import reading
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from ledger.errors import LedgerMissing
from ledger.events import MappingConfirmed, RunStarted
from ledger.hashing import seal
from ledger.reader import Reader

_SHIPPED = "shipped mapping"
_LAST = "mapping confirmed last"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping to be signed: its name for people, who signed it already, and the text confirmed last."""

    config: MappingConfig
    name: str
    default: bool
    signed: Signature | None
    last: str | None


@click.command("confirm")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@general
@click.pass_obj
def command(options: Options, yes: bool) -> None:
    """Show the mapping and sign it: no record moves under an unsigned one.

    Shows objects, fields and settings, and the differences to the shipped mapping and to the one confirmed last.

    Example:  kartra-to-twenty confirm --yes
    """
    shown = run(options, lambda: _look(options))
    if not options.as_json:
        _tell(shown)
    if shown.signed is None and _agreed(shown, yes=yes):
        run(options, lambda: _sign(options, shown))
    _conclude(options, shown)


async def _look(options: Options) -> Shown:
    path = options.mapping_path
    config = load_mapping(path)
    payload_hash = seal("mapping", config.text).hash
    signed, last = None, None
    # The first thing a ledger may ever hold is this signature.
    with suppress(LedgerMissing):
        async with reading(options) as reader:
            signed = await signature_of(reader, payload_hash)
            last = await _text_of(reader, await last_signature(reader))
    return Shown(config=config, name=str(path or _SHIPPED), default=path is None, signed=signed, last=last)


async def _text_of(reader: Reader, signature: Signature | None) -> str | None:
    envelope = await reader.envelope(signature.payload_hash) if signature else None
    return str(envelope.value) if envelope else None


def _agreed(shown: Shown, *, yes: bool) -> bool:
    """True once a person said yes.

    Raises:
        WrongUse: nobody can be asked, or the answer is no.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise WrongUse(f"nobody is here to confirm {shown.name}; read it, then say --yes")
    if not click.confirm(f"Sign {shown.name}?", err=True):
        raise WrongUse(f"{shown.name} was not signed; edit it, and `confirm` again")
    return True


async def _sign(options: Options, shown: Shown) -> None:
    async with writing(options, "confirm") as ledger:
        await refuse_unfinished(ledger.reader)
        payload = seal("mapping", shown.config.text)
        started = RunStarted(command="confirm", mapping_hash=payload.hash)
        signature = MappingConfirmed(payload_hash=payload.hash, default=shown.default)
        async with run_of(ledger, started, (payload,), signature=[signature]):
            pass


def _conclude(options: Options, shown: Shown) -> None:
    if options.as_json:
        reporting.document(_document(shown))
    elif shown.signed is not None:
        reporting.line(
            f"{shown.name} was confirmed by {shown.signed.actor} at {shown.signed.recorded_at[:16]}Z already"
        )
    else:
        reporting.line(f"{shown.name} is confirmed ({shown.config.sha256[:12]}); `load` works by it from now on")


def _tell(shown: Shown) -> None:
    reporting.line(f"{shown.name} ({shown.config.sha256[:12]})")
    reporting.table(["object", "from", "fields", "custom"], list(_objects(shown.config)), right=frozenset({2, 3}))
    reporting.table(["setting", "value"], list(_settings(shown.config)))
    for name, text in _others(shown):
        _tell_difference(name, _difference(text, shown.config.text, name, shown.name))


def _tell_difference(name: str, lines: list[str]) -> None:
    reporting.line("")
    reporting.line(f"Differences to the {name}:" if lines else f"No difference to the {name}.")
    for line in lines:
        reporting.line(line)


def _others(shown: Shown) -> Iterator[tuple[str, str]]:
    if not shown.default:
        yield _SHIPPED, shipped_text()
    if shown.last is not None:
        yield _LAST, shown.last


def _difference(old: str, new: str, old_name: str, new_name: str) -> list[str]:
    return list(unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="", n=1))


def _objects(config: MappingConfig) -> Iterator[tuple[str, str, int, int]]:
    custom = {plan.name for plan in object_plans(config)}
    for target in targets(config):
        ours = sum(spec.label is not None for spec in target.fields.values())
        named = f"{target.object} (custom)" if target.object in custom else target.object
        yield named, target.kind, len(target.fields), ours
    fields = config.company.fields.values()
    yield "company", "contacts, transactions", len(fields), sum(spec.label is not None for spec in fields)
    for names in config.names:
        yield f"{names.object.name} (custom)", f"{names.column} of contacts", 1, 0


def _settings(config: MappingConfig) -> Iterator[tuple[str, str]]:
    source = config.source
    yield "time zone", source.time_zone
    yield "slashed dates", source.slash_dates
    yield "currency where none is named", source.currency
    for place, names in (("tags", config.tags), ("lists", config.lists)):
        yield place, names.form if names else "not moved"
    yield "subscriptions", config.subscription.form if config.subscription else "not moved"
    yield "skipped columns", ", ".join(sorted(config.person.skip)) or "none"


def _document(shown: Shown) -> dict[str, Any]:
    return {
        "mapping": shown.name,
        "sha256": shown.config.sha256,
        "default": shown.default,
        "signed_before": {"actor": shown.signed.actor, "at": shown.signed.recorded_at} if shown.signed else None,
        "objects": [
            {"object": name, "from": kind, "fields": fields, "custom": custom}
            for name, kind, fields, custom in _objects(shown.config)
        ],
        "settings": dict(_settings(shown.config)),
        "differences": {name: _difference(text, shown.config.text, name, shown.name) for name, text in _others(shown)},
    }
