"""What a privacy request takes out of the ledger."""
