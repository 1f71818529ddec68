"""Single customer view: from departmental systems to checked, published marts."""

__version__ = "0.1.0"
