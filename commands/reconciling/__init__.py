"""Ledger and Twenty held against each other, record by record."""
