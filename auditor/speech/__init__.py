"""Who speaks when: voice activity, crosstalk, turns, roles."""
