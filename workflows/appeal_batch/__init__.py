"""Like denials appealed together: a batch id in; each case's own steps out, by the worker of the cases."""
