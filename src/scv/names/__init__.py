"""Names of people, estates, organisations and nobody, as departments write them."""

from scv.names.bulk import parse_names
from scv.names.model import KINDS, PARSER_VERSION, Kind, ParsedName, Person
from scv.names.parser import parse_name

__all__ = ["KINDS", "PARSER_VERSION", "Kind", "ParsedName", "Person", "parse_name", "parse_names"]
