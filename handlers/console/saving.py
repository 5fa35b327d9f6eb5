"""Saving to the knowledge folder from a page, with what may go wrong told in words."""

from collections.abc import Callable

from flask import flash

from bot.faq.edit.history import Changed, HistoryError, NotRecorded


def saved(save: Callable[[], object]) -> bool:
    """Tell whether the files are saved; what went wrong is flashed. Raises Changed, for the page to show the other's change."""
    try:
        save()
    except Changed:
        raise
    except NotRecorded as e:
        flash(str(e), "warning")
    except HistoryError as e:
        flash(str(e), "danger")
        return False
    return True
