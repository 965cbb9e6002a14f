"""The three-way merge: only what Kartra changed is sent, nothing a person put there is lost."""

from typing import Any

import pytest

from adapters.twenty import merge_changes

TYPES = {
    "jobTitle": "TEXT", "score": "NUMBER", "name": "FULL_NAME", "emails": "EMAILS", "phones": "PHONES",
    "tags": "MULTI_SELECT", "amount": "CURRENCY", "site": "LINKS", "bodyV2": "RICH_TEXT", "address": "ADDRESS",
}  # fmt: skip


def merged(base: Any, ours: Any, theirs: Any, put: Any = None, overwrite: bool = False) -> tuple[Any, Any, Any]:
    done = merge_changes(TYPES, base, ours, theirs, put=base if put is None else put, overwrite=overwrite)
    return done.sent, done.before, done.conflicts


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "sent", "conflicts"),
    [
        ({"jobTitle": "a"}, {"jobTitle": "a"}, {"jobTitle": "theirs"}, {}, ()),
        ({"jobTitle": "a"}, {"jobTitle": "b"}, {"jobTitle": "a"}, {"jobTitle": "b"}, ()),
        ({"jobTitle": "a"}, {"jobTitle": "b"}, {"jobTitle": "b"}, {}, ()),
        ({"jobTitle": "a"}, {"jobTitle": "b"}, {"jobTitle": "c"}, {}, ("jobTitle",)),
        ({"jobTitle": "a"}, {}, {"jobTitle": "a"}, {"jobTitle": None}, ()),
        ({"jobTitle": "a"}, {}, {"jobTitle": ""}, {}, ()),
        ({}, {"jobTitle": "b"}, {"jobTitle": None}, {"jobTitle": "b"}, ()),
        ({"score": 3}, {"score": 0}, {"score": 3}, {"score": 0}, ()),
    ],
)
def test_only_what_kartra_changed_is_sent(base: Any, ours: Any, theirs: Any, sent: Any, conflicts: Any) -> None:
    """Base, ours and theirs decide: keep, send, or both sides changed."""
    done, before, barred = merged(base, ours, theirs)
    assert (done, barred) == (sent, conflicts)
    assert before == {name: theirs[name] for name in sent}


def test_ours_wins_where_it_is_said_so() -> None:
    """With `overwrite` a conflict is sent, and still named."""
    done = merged({"jobTitle": "a"}, {"jobTitle": "b"}, {"jobTitle": "c"}, overwrite=True)
    assert done == ({"jobTitle": "b"}, {"jobTitle": "c"}, ("jobTitle",))


def test_parts_of_a_name_are_merged_by_themselves() -> None:
    """Kartra changed the first name, a person the last: both stay."""
    base = {"name": {"firstName": "A", "lastName": "X"}}
    ours = {"name": {"firstName": "B", "lastName": "X"}}
    theirs = {"name": {"firstName": "A", "lastName": "Y"}}
    assert merged(base, ours, theirs) == ({"name": {"firstName": "B"}}, {"name": {"firstName": "A"}}, ())


def test_choices_are_sets() -> None:
    """New ones are added, ours that left are taken, what others put there stays; a tag a person took stays away."""
    theirs = {"tags": ["THEIRS", "OLD", "SHARED"]}
    sent, before, _ = merged({"tags": ["OLD", "TAKEN"]}, {"tags": ["NEW", "TAKEN"]}, theirs)
    assert sent == {"tags": ["THEIRS", "SHARED", "NEW"]}
    assert before == theirs
    assert merged({"tags": ["SHARED"]}, {"tags": []}, theirs, put={"tags": []})[0] == {}


def test_emails_and_links_go_whole() -> None:
    """What would be blanked if it were left out is sent along as it stands."""
    theirs = {"emails": {"primaryEmail": "a@x.de", "additionalEmails": ["b@x.de"]},
              "site": {"primaryLinkUrl": "https://x.de", "primaryLinkLabel": "", "secondaryLinks": None}}  # fmt: skip
    sent, before, _ = merged(
        {"emails": {"primaryEmail": "a@x.de"}, "site": {"primaryLinkUrl": "https://x.de"}},
        {"emails": {"primaryEmail": "c@x.de"}, "site": {"primaryLinkUrl": "https://x.de", "primaryLinkLabel": "X"}},
        theirs,
    )
    assert sent["emails"] == {"primaryEmail": "c@x.de", "additionalEmails": ["b@x.de"]}
    assert sent["site"] == {"primaryLinkUrl": "https://x.de", "primaryLinkLabel": "X", "secondaryLinks": []}
    assert before["emails"] == theirs["emails"]


def test_a_number_and_its_country_are_one_matter() -> None:
    """A changed country is a changed phone; one that a person gave another number is a conflict."""
    base = {"phones": {"primaryPhoneNumber": "1", "primaryPhoneCountryCode": "DE", "primaryPhoneCallingCode": "+49"}}
    ours = {"phones": {"primaryPhoneNumber": "1", "primaryPhoneCountryCode": "AT", "primaryPhoneCallingCode": "+43"}}
    assert merged(base, ours, base)[0] == ours
    theirs = {"phones": {**base["phones"], "primaryPhoneNumber": "2"}}
    assert merged(base, ours, theirs)[2] == ("phones.primaryPhoneNumber",)
    cleared = merged(base, {}, base)[0]["phones"]
    assert cleared == dict.fromkeys(base["phones"], "")


def test_an_amount_is_cleared_by_null() -> None:
    """Both halves of a sum go by null, texts by the empty one."""
    base = {"amount": {"amountMicros": "5", "currencyCode": "EUR"}}
    assert merged(base, {}, base)[0] == {"amount": {"amountMicros": None, "currencyCode": None}}


def test_a_record_not_ours_is_filled_where_it_is_empty() -> None:
    """With an empty base what stands there is a conflict, and what does not is sent."""
    ours = {"jobTitle": "ours", "score": 3, "tags": ["NEW"], "name": {"firstName": "F", "lastName": "L"}}
    theirs = {"jobTitle": "theirs", "score": None, "tags": ["OLD"], "name": {"firstName": "", "lastName": "Z"}}
    sent, _, conflicts = merged({}, ours, theirs)
    assert sent == {"score": 3, "tags": ["OLD", "NEW"], "name": {"firstName": "F"}}
    assert conflicts == ("jobTitle", "name.lastName")


def test_markdown_is_one_whatever_its_last_line_end() -> None:
    """Twenty may add a line end to markdown: that is no change."""
    base = {"bodyV2": {"markdown": "a"}}
    assert merged(base, {"bodyV2": {"markdown": "b"}}, {"bodyV2": {"markdown": "a\n"}})[2] == ()
