"""One module per version of the store's tables."""
