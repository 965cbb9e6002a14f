"""The auditors' read-only web console and JSON API."""
