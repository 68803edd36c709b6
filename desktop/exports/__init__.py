"""Tables that leave the program: no cell is a formula to a spreadsheet, no name is a path."""
