"""The warehouse: the embedded server, its roles and connections to it."""
