"""Where the embedded Twenty answers differently from the recording, and why. Each entry is checked to really differ."""

_STRICTER = "stricter on purpose: Twenty answers null for what is not in the schema, which would read as an empty value"
_ROOTS_AT_ONCE = "Twenty's roots race, and here the companies came first; the sandbox always shows the bad case"
_RANDOM_ORDER = "Twenty lists its model in the order of random ids; here the order is that of the standard model"
_WORKER_BUSY = "Twenty's worker had not written everything yet; the sandbox's never keeps a replay waiting"
_THROTTLED = "Twenty holds runs back after the first hundred of a minute; here every run fails at once, as the first do"
_NEVER_SENT = "not spoken: a client of ours sends JSON by POST"
_NOT_OFFERED = "search for duplicates and merge are not offered"

DIFFERENCES: dict[tuple[str, int], str] = {
    ("auth", 34): _RANDOM_ORDER,
    ("document_errors", 0): _STRICTER,
    ("document_errors", 1): _STRICTER,
    ("document_errors", 5): _STRICTER,
    ("document_errors", 6): _STRICTER,
    ("document_errors", 26): _NEVER_SENT,
    ("document_errors", 30): "a stack trace of the JavaScript server",
    ("document_errors", 43): _NEVER_SENT,
    ("document_errors", 48): _ROOTS_AT_ONCE,
    ("document_errors", 52): "an internal error of Twenty; the sandbox says what is wrong with the document",
    ("metadata", 0): _RANDOM_ORDER,
    ("metadata", 6): _RANDOM_ORDER,
    ("metadata", 7): _RANDOM_ORDER,
    ("metadata", 8): _RANDOM_ORDER,
    ("metadata", 10): _RANDOM_ORDER,
    ("metadata", 78): "which of a person's relations Twenty counts among its system fields was not recorded",
    ("rate_limit", 4): "the second, shorter bucket (100 calls a second) is not kept: the longer one is empty first",
    ("rate_limit", 5): _RANDOM_ORDER,
    ("read", 57): "Twenty's figures are stale (653 people of 10,666); the sandbox counts",
    ("read", 61): "which three groups a limit keeps is the database's choice",
    ("rollback_full", 8): _WORKER_BUSY,
    ("rollback_full", 9): _WORKER_BUSY,
    ("rollback_full_suspended", 9): _WORKER_BUSY,
    ("schema", 0): _NOT_OFFERED,
    ("schema", 5): "files are not modelled: a person's avatar file is plain JSON here",
    ("schema", 8): "a run may stand without its workflow here, so those ids may be null",
    ("schema", 16): _NOT_OFFERED,
    ("schema", 17): _NOT_OFFERED,
    ("version", 2): "the settings of Twenty's own interface",
    ("workflows", 0): "of the prefilled workflow's nine steps only those are there that were recorded",
    ("workflows", 2): _THROTTLED,
    ("workflows", 3): _THROTTLED,
    ("workflows", 4): _THROTTLED,
    ("workflows", 5): _THROTTLED,
}
