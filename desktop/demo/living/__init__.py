"""The living demo: a made-up city in which complaints come in and people deal with them, at a chosen rate."""
