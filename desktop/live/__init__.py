"""What keeps the screens true: the feed that tells what changed, and the board of open tickets in memory."""
