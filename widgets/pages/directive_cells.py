"""The cells that the list of directives and the matrix of their receivers have in common."""

from domain.directive_listing import DirectiveReceipts
from domain.receipts import ENDED
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook
from widgets.tickets.columns import urgency_colour
from widgets.warning_words import climbed_to
from widgets.wording import local_moment_text, short_moment_text, urgency_name


def key_of(line: DirectiveReceipts) -> str:
    """Return what names a line."""
    return line.row.number


def state_cell(line: DirectiveReceipts) -> Cell:
    """Return how a directive stands; an arrow where a late receiver's warning has climbed."""
    mark, climbed = mark_of(line.row.state), line.row.climbed_to
    if climbed is None:
        return Cell(mark.word, CellLook.MARK, mark.colour_name, mark)
    said = f"{mark.word} · {climbed_to(climbed)}"
    return Cell(f"{mark.word}↑", CellLook.MARK, mark.colour_name, mark, tooltip=said)


def number_cell(line: DirectiveReceipts) -> Cell:
    """Return its number."""
    return Cell(line.row.number, colour="text_muted", tooltip=line.row.number)


def marked_number_cell(line: DirectiveReceipts) -> Cell:
    """Return year and serial of its number behind the mark of how it stands: there is little room."""
    mark = mark_of(line.row.state)
    said = f"{line.row.number} · {mark.word}\n{line.row.text}"
    short = line.row.number.removeprefix("D-")
    return Cell(short, CellLook.MARK, mark.colour_name, mark, tooltip=said)


def urgency_cell(line: DirectiveReceipts) -> Cell:
    """Return how urgent it is."""
    return Cell(urgency_name(line.row.urgency), CellLook.CHIP, urgency_colour(line.row.urgency))


def text_cell(line: DirectiveReceipts) -> Cell:
    """Return what it asks."""
    return Cell(line.row.text, colour="text_strong", tooltip=line.row.text)


def signed_cell(line: DirectiveReceipts) -> Cell:
    """Return how many of its receivers have signed."""
    row = line.row
    whole = len(row.receivers)
    if row.signed < whole and row.state in ENDED:
        return Cell(f"{row.signed}/{whole}", colour="text_muted")
    return Cell(f"{row.signed}/{whole}", colour="done" if row.signed >= whole else "due_soon")


def fed_back_cell(line: DirectiveReceipts) -> Cell:
    """Return how many of its receivers have fed back."""
    row = line.row
    whole = len(row.receivers)
    return Cell(f"{row.fed_back}/{whole}", colour="done" if row.fed_back >= whole else "text")


def countdown_cell(line: DirectiveReceipts) -> Cell:
    """Return how long there is until its deadline; of one that has ended, when that was."""
    row = line.row
    due = local_moment_text(row.deadline)
    if row.state in ENDED:
        return Cell(short_moment_text(row.deadline)[:-3], colour="text_muted", tooltip=due)
    mark = mark_of(row.state)
    return Cell(due, CellLook.COUNTDOWN, mark.colour_name, due=row.deadline, tooltip=due, bold=True)


def issued_cell(line: DirectiveReceipts) -> Cell:
    """Return who issued it when."""
    row = line.row
    text = f"{row.issued_by} {short_moment_text(row.issued_at)[:-3]}"
    return Cell(text, colour="text_muted", tooltip=local_moment_text(row.issued_at))
