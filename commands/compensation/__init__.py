"""Taking back: the steps of a rollback, in order. Each reads the ledger, acts once, and appends what happened."""
