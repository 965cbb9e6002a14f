"""What the ledger holds as people read it: listed a page at a time by key, found by a name, told as a story.

Every statement here is one for a person who waits: it takes a page's time on a ledger of any length, since it goes
along an index (tests hold its plan), and asks for no more than a page, save for what there are few of: files, objects,
and what is on record of one stream. What takes longer (`books`, `pulse` from the start) is for the caller to keep.
"""
