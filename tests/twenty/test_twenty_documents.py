"""Twenty does not check documents against its schema, so these tests do: every document we can send is valid."""

import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query, parse, validate

import adapters.twenty as twenty
from adapters.twenty import (
    Ask,
    Call,
    Ids,
    count_timeline,
    counts,
    create,
    dependents,
    destroy,
    destroy_runs,
    destroy_timeline,
    firing,
    holders,
    marked,
    pause,
    paused,
    put_back,
    read_many,
    read_model,
    restore,
    run_count,
    run_ids,
    soft_delete,
    timeline_about,
    update_one,
    upsert_by_id,
    walk,
)
from tests.twenty.embedded import RUN, company, embedded, person, stranger, with_tags

pytestmark = pytest.mark.anyio


async def everything(calls: list[Call]) -> GraphQLSchema:
    """Use everything we have for records, noting the calls; return the schema of the workspace it was done in."""
    async with embedded(on_call=calls.append) as client:
        model = await with_tags(client)
        people, tags = model.object("person"), model.object("kartraTag")
        ids, tag = Ids([person(1)["id"]]), stranger(name="VIP", personId=person(1)["id"])
        await create(client, model.object("company"), [company(1)])
        await create(client, people, [person(1, companyId=company(1)["id"])])
        await create(client, tags, [tag])
        await upsert_by_id(client, people, [{"id": person(1)["id"], "jobTitle": "x"}])
        await update_one(client, people, person(1)["id"], {"jobTitle": "y"})
        for name, known in model.objects.items():
            plain = [one.name for one in known.fields_list if one.type not in {"RELATION", "TS_VECTOR", "FILES"}]
            await read_many(client, model, [Ask(name, ids, (*plain, *sorted(known.columns)))])
        await holders(client, people, "emails.primaryEmail", ["a"], ids)
        await counts(client, model.objects.values())
        await marked(client, [people, tags], RUN)
        assert [page async for page in walk(client, model, "person", ["name"])]
        await dependents(client, model, dict.fromkeys(model.objects, ids))
        await count_timeline(client, model, dict.fromkeys(model.objects, ids))
        await destroy_timeline(client, Ids([*await timeline_about(client, model, {"person": ids}), tag["id"]]))
        await run_count(client, RUN)
        await destroy_runs(client, Ids([*await run_ids(client, RUN), tag["id"]]))
        [found] = await firing(client, ["person"])
        await pause(client, found.id)
        await paused(client, Ids([found.id]))
        await put_back(client, found.id, str(found.updated_at))
        await soft_delete(client, people, ids)
        await restore(client, people, ids)
        await destroy(client, people, ids, None)
        return build_client_schema(await client.read(get_introspection_query()))  # type: ignore[arg-type]


@pytest.fixture
async def session() -> tuple[list[Call], GraphQLSchema]:
    """The calls of `everything`, and its schema."""
    calls: list[Call] = []
    schema = await everything(calls)
    return [call for call in calls if "__schema" not in call.document], schema


async def test_every_document_is_valid(session: tuple[list[Call], GraphQLSchema]) -> None:
    """Every document sent is valid against the schema of a workspace with a custom object, and was answered."""
    calls, schema = session
    documents = {call.document for call in calls if call.endpoint == "/graphql"}
    assert len(documents) > 25
    assert {document: errors for document in documents if (errors := validate(schema, parse(document)))} == {}
    assert all(call.error is None for call in calls)


async def test_documents_keep_to_what_twenty_understands(session: tuple[list[Call], GraphQLSchema]) -> None:
    """No aliases, no directives, no `__typename`, one mutation a document, 20 roots at most, `first` always sent."""
    for call in session[0]:
        if call.endpoint != "/graphql":
            continue
        [operation] = parse(call.document).definitions
        roots = operation.selection_set.selections  # type: ignore[attr-defined]
        assert len(roots) == 1 if call.document.startswith("mutation") else len(roots) <= 20
        assert not any(root.alias or root.directives for root in roots)
        assert "@" not in call.document
        assert "__typename" not in call.document
        if call.document.startswith("query"):
            assert all("first" in {argument.name.value for argument in root.arguments} for root in roots)


async def test_no_value_stands_in_a_document(session: tuple[list[Call], GraphQLSchema]) -> None:
    """Values go in variables only: documents are safe to log."""
    assert not any("example.com" in call.document or RUN in call.document for call in session[0])


async def test_model_of_a_workspace_selects_every_readable_field() -> None:
    """Every field type the workspace has can be selected or is refused: none is selected wrongly."""
    async with embedded() as client:
        model = await read_model(client)
    types = {field.type for known in model.objects.values() for field in known.fields_list}
    assert {"FULL_NAME", "EMAILS", "PHONES", "LINKS", "ACTOR", "RICH_TEXT", "CURRENCY"} <= types


def test_exports_are_what_is_there() -> None:
    """The list of public names has no doubles, and every name exists."""
    assert len(set(twenty.__all__)) == len(twenty.__all__)
    assert all(hasattr(twenty, name) for name in twenty.__all__)
