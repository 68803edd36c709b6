"""One desk a page: what feeds it from the store and what its signals set going."""
