"""The alarm of a seat: the bell that follows the warnings, and the program of its own that sounds."""
