"""The standard as data: schema, loading, and the rulebook that ships."""
