"""Files of tickets, calendars and policies that other systems wrote, read into the store."""
