"""What the server does once a day by itself: it deletes what is due."""

import logging
from datetime import timedelta

from bot.faq.retention import FILE, read_periods
from bot.ledger import counted
from bot.ledger.clock import local_day
from bot.ledger.keeping import purge
from bot.reports.jobs import FOLDER, Jobs
from handlers.services import Services

logger = logging.getLogger(__name__)

FIRST_SECONDS, EVERY_SECONDS = 5.0, 60.0
"""When after the start the day's work is looked for, and how often then."""

AHEAD = timedelta(days=93)
"""For how long the database is asked to make room for turns to come."""


def follow(services: Services) -> None:
    """Do each day's work when its time has come, until ``services.stop`` is set; what was missed is made up for."""
    wait = FIRST_SECONDS
    while not services.stop.wait(wait):
        wait = EVERY_SECONDS
        try:
            delete_what_is_due(services)
        except Exception:  # a locked or full disk: the next try is an hour later
            logger.exception("没能清理到期的记录，过一小时再试")


def delete_what_is_due(services: Services) -> None:
    """Purge, unless this or another process did today; the log gets numbers only. Files of reports go within the hour."""
    Jobs(services.store.path.parent / FOLDER, services.clock).sweep()

    def run() -> list[purge.Removed]:
        periods, findings = read_periods(services.settings.knowledge_dir / FILE)
        for finding in findings:
            logger.warning("%s", finding)
        return purge.purge(services.store, periods, now=services.clock())

    removed = purge.daily(services.store, run, now=services.clock())
    if removed is not None:
        logger.info("清理到期的记录：%s", purge.summary(removed))
        today = local_day(services.clock())
        # Counted at night, a year's report need not read a million rows by day.
        counted.keep_finished(services.store, today)
        services.store.expect(today, today + AHEAD)
