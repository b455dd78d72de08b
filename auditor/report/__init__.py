"""What people read: the text card, JSON, and HTML of one call."""
