"""POST /metadata of the embedded Twenty: the data model read and changed, keys, roles, webhooks.

`answer` is all that the rest of the sandbox needs. Documents are validated against `schema.graphql` (`documents`);
`reading` answers queries; `objects` and `fields` change the model, with Twenty's own refusals (`refusals`).
"""

from adapters.sandbox.metadata.resolvers import answer

__all__ = ["answer"]
