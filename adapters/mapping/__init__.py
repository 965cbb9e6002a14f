"""Kartra rows to Twenty records: pure functions, and mapping.toml.

    config = load_mapping(path)                         # None: the shipped mapping
    who = identify(row)                                 # a contact's number and e-mail, or why the row is held
    set_aside(row), key_of(row), buyer_of(row)          # the same of every other kind
    gathered = gather(rows, config)                     # first pass over all placed rows, oldest first; .add(more)
    words = vocabulary(gathered, config, known_options=…, known_fields=…)
    companies = assign_companies(gathered.company_spellings, known_aliases)
    object_plans(config), plans(config, words)          # custom objects and fields needed, with options
    for made in companies.companies: company(made, config)            # Record of a company
    merged = merge(rows_of_one_stream_oldest_first, words)
    fields = fields_of(target_of(config, kind), config, words)         # once for all rows of a kind
    person(stream, merged, fields, company_link(made))  # and note(), name_record(), name_tie()
    fault_of(rows, at, config)                          # why a row cannot become a record, or None
    sale(target, fields, stream, merged, …), tasks(fields, stream, rows, config, words, …)

Everything is deterministic and knows neither files nor network; what is
gathered of all rows goes to nameless temporary databases where it is much. Errors are MappingError's tree in `errors`.
What a kind of rows becomes is listed in `targets`; how columns become a field, in `transforms`.
"""

from adapters.mapping.assignment import Assignment, LookAlike, assign_companies
from adapters.mapping.bought import bookings_said, sale, tasks
from adapters.mapping.checks import objects_named
from adapters.mapping.companies import Company, company_key
from adapters.mapping.config import MappingConfig
from adapters.mapping.contacts import (
    Identified,
    company,
    company_link,
    company_of,
    identify,
    name_record,
    name_tie,
    note,
    person,
)
from adapters.mapping.emails import normalise_email, plain_email
from adapters.mapping.errors import MappingError, MappingInvalid, MappingSyntaxError, MappingUnreadable
from adapters.mapping.intake import Buyer, Fault, Key, buyer_of, fault_of, identity_fields, key_of, set_aside
from adapters.mapping.loading import load_mapping, shipped_text
from adapters.mapping.merge import Merged, merge
from adapters.mapping.records import Fields, fields_of
from adapters.mapping.scalars import kartra_number
from adapters.mapping.targets import KINDS, Target, object_plans, person_target, target_of, targets
from adapters.mapping.values import Refusal
from adapters.mapping.vocabulary import Gathered, Vocabulary, gather, plans, vocabulary

__all__ = [
    "KINDS", "Assignment", "Buyer", "Company", "Fault", "Fields", "Gathered", "Identified", "Key", "LookAlike",
    "MappingConfig", "MappingError", "MappingInvalid", "MappingSyntaxError", "MappingUnreadable", "Merged", "Refusal",
    "Target", "Vocabulary", "assign_companies", "bookings_said", "buyer_of", "company", "company_key", "company_link",
    "company_of", "fault_of", "fields_of", "gather", "identify", "identity_fields",
    "kartra_number", "key_of", "load_mapping", "merge", "name_record",
    "name_tie", "normalise_email", "note", "object_plans", "objects_named", "person", "person_target", "plain_email",
    "plans", "sale", "set_aside",
    "shipped_text", "target_of", "targets", "tasks", "vocabulary",
]  # fmt: skip
