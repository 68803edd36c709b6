"""Cities of any size, the same for the same seed and moment, written into embedded stores that are kept."""
