"""Views: Qt and domain types. No database, no scheduler, no asyncio."""
