"""Pure rules of denial work: values in, decisions out. No IO, no clock, no framework."""
