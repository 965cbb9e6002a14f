"""The steps of `stage`: the ledger's records as the sheets that Twenty's own import takes."""
