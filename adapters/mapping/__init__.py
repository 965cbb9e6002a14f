"""Kartra row to Twenty record: pure functions, and mapping.toml."""
