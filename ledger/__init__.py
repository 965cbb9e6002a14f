"""What happened: the append-only ledger. Knows SQLite and nothing else of the world."""
