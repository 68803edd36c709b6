"""The desks: pages that are worked from the keyboard, line by line."""
