"""Tickets of each kind taken from complaint to close by driving the real window, at times of their own.

The times charged to each body are computed by hand in each test's comment, and compared with the screen's.
"""
