"""The inbox: what other platforms put into their folders, `collect` imports by itself (X11, T23, Y01)."""
