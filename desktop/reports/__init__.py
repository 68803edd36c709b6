"""What the command line says of tickets, bodies and items: as tables for people and as values for programs.

No Qt here: reports are had on a server without any of its libraries.
"""
