"""Overturn."""

from overturn.compiled import use_if_built

use_if_built()
