"""The departmental systems: one module each, which fills its tables, its truth and its outgoing mail."""
