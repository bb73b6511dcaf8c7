"""Packages for payers: a letter, forms and exhibits in; PDF files that a channel takes out."""

from overturn.packages.building import PackageError, PackageFile, build_appeal, build_package
from overturn.packages.intake import NormalPdf, UploadRefusedError, normalised, scan

__all__ = [
    "NormalPdf",
    "PackageError",
    "PackageFile",
    "UploadRefusedError",
    "build_appeal",
    "build_package",
    "normalised",
    "scan",
]
