"""Twenty out: client, pace, records, data model, traces, automations and errors."""
