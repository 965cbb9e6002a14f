"""Kartra rows to Twenty records: pure functions, and mapping.toml.

    config = load_mapping(path)                         # None: the shipped mapping
    who = identify(row)                                 # number and e-mail, or why the row is held
    gathered = gather(rows, config)                     # first pass over all placed rows, oldest first; .add(more)
    words = vocabulary(gathered, config, known_options=…, known_fields=…)
    companies = assign_companies(gathered.company_spellings, known_aliases)
    for plan in plans(config, words): ...               # custom fields needed, with options
    for made in companies.companies: company(made, config)            # Record of a company
    merged = merge(rows_of_one_contact_oldest_first, words)
    made = company_of(merged, config, companies)        # Company or None
    person(stream, merged, config, words, company_link(made) if made else None)

Everything is deterministic and knows neither files nor network. Errors are MappingError's tree in `errors`. Other
kinds of exports get a module beside `contacts`, a section in mapping.toml, and transforms in `transforms`.
"""

from adapters.mapping.companies import Assignment, Company, LookAlike, assign_companies, company_key
from adapters.mapping.config import MappingConfig, load_mapping
from adapters.mapping.contacts import Identified, company, company_link, company_of, identify, person
from adapters.mapping.emails import normalise_email
from adapters.mapping.errors import MappingError, MappingInvalid, MappingSyntaxError, MappingUnreadable
from adapters.mapping.merge import Merged, merge
from adapters.mapping.values import Refusal
from adapters.mapping.vocabulary import Gathered, Vocabulary, gather, plans, vocabulary

__all__ = [
    "Assignment",
    "Company",
    "Gathered",
    "Identified",
    "LookAlike",
    "MappingConfig",
    "MappingError",
    "MappingInvalid",
    "MappingSyntaxError",
    "MappingUnreadable",
    "Merged",
    "Refusal",
    "Vocabulary",
    "assign_companies",
    "company",
    "company_key",
    "company_link",
    "company_of",
    "gather",
    "identify",
    "load_mapping",
    "merge",
    "normalise_email",
    "person",
    "plans",
    "vocabulary",
]
