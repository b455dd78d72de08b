"""The kinds of rule: one module each, registered by hand below."""
