"""Letters to payers: a case id and a level in; a `letter` row out, by the worker of `services.appeals`."""
