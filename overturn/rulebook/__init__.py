"""A folder of rule tables in; typed, cross-checked domain tables with a content hash as version out."""

from overturn.rulebook.cells import RulebookError
from overturn.rulebook.loader import Rulebook, load_rulebook

__all__ = ["Rulebook", "RulebookError", "load_rulebook"]
