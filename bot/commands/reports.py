"""Commands on the ledger: report."""

import argparse
import sys
from datetime import UTC, date, datetime

from bot.commands.common import Usage, settings_of
from bot.ledger.clock import local_day
from bot.ledger.store import Store
from bot.reports.consultations import report as consultations
from bot.reports.formats import FORMATS


def report(args: argparse.Namespace) -> int:
    """Print the consultation report of a period."""
    today = local_day(datetime.now(UTC))
    start, end = args.start or date(today.year, 1, 1), args.end or today
    if start > end:
        raise Usage(f"起始日 {start} 在截止日 {end} 之后，请对调 --from 和 --to")
    settings = settings_of(args)
    store = Store(settings.database_url, pseudonym_key=settings.pseudonym_key)
    try:
        text = FORMATS[args.format](consultations(store, start, end, now=datetime.now(UTC)))
    finally:
        store.close()
    if args.out:
        args.out.write_text(text, encoding="utf-8", newline="")
        print(f"已写入 {args.out}")
    else:
        sys.stdout.write(text)
    return 0
