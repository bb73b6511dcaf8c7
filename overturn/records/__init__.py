"""Requests of payers for records: written down, answered by people, and packed for the payer."""
