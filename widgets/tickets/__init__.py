"""The list of exactly the tickets that a figure counted."""
