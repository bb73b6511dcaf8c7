"""Overturn."""
