"""Packages for payers: a letter, forms and exhibits in; PDF files that a channel takes out."""

from overturn.packages.building import PackageError, PackageFile, build_package
from overturn.packages.forms import forms_for

__all__ = ["PackageError", "PackageFile", "build_package", "forms_for"]
