"""The schema as numbered steps, never edited once released. The SQL is what SQLite and PostgreSQL have in common."""

from collections.abc import Callable

Execute = Callable[[str], object]
MIGRATIONS: list[Callable[[Execute], None]] = []


def m001_turns(execute: Execute) -> None:
    """A turn is one message and its reply; ``key`` and ``villager`` are keyed hashes, ``text`` is masked, ``reply`` is JSON."""
    execute("""
        create table turns (
            key text primary key,
            received_at text not null,
            day text not null,
            channel text not null,
            villager text not null,
            kind text not null,
            text text,
            decision text not null,
            entry_id text,
            entry_version text,
            category text,
            score double precision,
            offered text,
            follows text,
            reply text not null,
            latency_ms double precision not null
        )""")
    execute("create index turns_by_day on turns (day, decision)")
    execute("create index turns_by_villager on turns (villager, received_at)")
    execute("create index turns_by_follows on turns (follows)")


def m002_nonces(execute: Execute) -> None:
    """In plain mode a signature covers no message: which message a nonce came with is remembered for a while."""
    execute("create table nonces (nonce text primary key, message text not null, seen_at text not null)")
    execute("create index nonces_by_age on nonces (seen_at)")


def m003_conversations(execute: Execute) -> None:
    """What a conversation needs to go on in any process, the people behind it, and what waits for them.

    ``state`` is JSON; ``version`` grows with every change, so that of two messages at once the later one sees the first.
    """
    for column in (
        "village text",
        "answered_by text not null default '机器人'",
        "adviser integer",
        "verdict text",
        "remark text",
    ):
        execute(f"alter table turns add column {column}")
    execute("""
        create table villagers (
            villager text primary key,
            village text,
            notice text,
            noticed_at text,
            withdrawn_at text,
            state text,
            state_at text,
            version integer not null
        )""")
    execute("""
        create table advisers (
            number integer primary key,
            name text not null,
            role text not null,
            village text,
            sender text unique,
            code text unique,
            code_until text,
            bound_at text,
            removed_at text
        )""")
    execute("""
        create table tickets (
            number integer primary key,
            villager text not null,
            village text,
            question text,
            category text,
            turn text,
            because text not null,
            opened_at text not null,
            due_at text not null,
            assigned integer,
            answer text,
            answered_by integer,
            answered_at text,
            delivered_at text,
            closed_at text
        )""")
    execute("create index tickets_by_villager on tickets (villager)")
    execute("create index tickets_open on tickets (closed_at, due_at)")
    execute("create table ticket_events (ticket integer not null, at text not null, adviser integer, what text not null)")
    execute("create index ticket_events_by_ticket on ticket_events (ticket)")
    execute("""
        create table duties (
            number integer primary key,
            kind text not null,
            village text,
            opened_at text not null,
            acknowledge_by text not null,
            acknowledged_at text,
            acknowledged_by integer,
            outcome text
        )""")


def m004_counting(execute: Execute) -> None:
    """What counting needs: what a miss was about, which turns a later one settled, how often a message came again.

    ``counted`` keeps what a finished month's questions come to, so that a year is not read row by row each time;
    ``version`` grows with every change of the month's turns. A sealed month outlives its turns.
    """
    execute("alter table turns add column topic text")
    execute("alter table turns add column superseded integer not null default 0")
    execute("alter table turns add column retries integer not null default 0")
    execute("""
        update turns set superseded = 1
        where exists (select 1 from turns later where later.follows = turns.key)""")
    execute("drop index turns_by_day")
    execute("""
        create index turns_counted on turns
        (day, decision, villager, category, channel, village, answered_by, kind, adviser, verdict, superseded, topic,
        retries)""")
    execute("""
        create table counted (
            month text primary key,
            version integer not null,
            data text,
            sealed_at text
        )""")


def m005_registers(execute: Execute) -> None:
    """The registers: days and choices as text, counts as whole numbers; nothing is ever deleted from them.

    ``register_changes`` keeps what each correction replaced; a month in ``closed_months`` takes no change.
    """
    tables = {
        "offline": """
            village text not null, channel text not null, category text not null, groups text, people integer not null,
            summary text, answered_by text not null, adviser text, result text not null, minutes integer,
            satisfaction integer, remark text""",
        "services": """
            served text not null, village text, adviser text not null, manner text not null, started text, ended text,
            hours double precision, kind text not null, quantity integer not null, attendance integer, content text,
            result text, evidence text, confirmed text""",
        "people": """
            name text not null, village text not null, kind text not null, chosen text, qualified text, certificate text,
            left_on text, left_because text""",
        "trainings": """
            topic text not null, hours double precision, attendance integer not null, everybody text not null,
            organiser text""",
        "activities": """
            place text, village text, topic text not null, setting text, form text not null, organiser text,
            times integer not null, attendance integer, leaflets integer, banners integer, boards integer, led integer,
            consulted integer, evidence text, remark text""",
        "disputes": """
            village text not null, type text not null, source text not null, body text not null, parties integer,
            amount double precision, hard text not null, result text not null, closed_on text, agreement text,
            followed_up text, remark text""",
        "inspections": """
            village text not null, rounds integer not null, found integer not null, prevented integer not null,
            remark text""",
    }
    for name, columns in tables.items():
        execute(f"""
            create table {name} (
                number integer primary key,
                day text not null, {columns},
                entered_at text not null,
                entered_by text not null,
                voided_at text
            )""")
        execute(f"create index {name}_by_day on {name} (day)")
    execute("""
        create table register_changes (
            register text not null,
            number integer not null,
            field text not null,
            old text,
            new text,
            editor text not null,
            at text not null,
            reason text not null
        )""")
    execute("create index register_changes_by_row on register_changes (register, number)")
    execute("create table closed_months (month text primary key, closed_at text not null, closed_by text not null)")
    execute("""
        create table month_events (
            month text not null, at text not null, editor text not null, what text not null, reason text
        )""")
    execute("""
        create table register_imports (
            digest text primary key, name text not null, at text not null, editor text not null, rows integer not null
        )""")


def m006_security_log(execute: Execute) -> None:
    """Who did what with the ledger itself (nothing of villagers), and which day's deletion of what is due was done."""
    execute("""
        create table security_log (
            number integer primary key,
            at text not null,
            who text not null,
            what text not null,
            about text not null
        )""")
    execute("create index security_log_by_time on security_log (at)")
    execute("create table purges (day text primary key, started_at text not null, finished_at text)")


def m007_doorstep(execute: Execute) -> None:
    """Consultations that advisers noted by WeChat were turns; they belong into the register where they can be corrected."""
    execute("""
        insert into offline
            (number, day, village, channel, category, people, answered_by, adviser, result, entered_at, entered_by)
        select (select coalesce(max(number), 0) from offline) + row_number() over (order by received_at), day,
            coalesce(village, '未说明'), channel, coalesce(category, '其他'), 1, answered_by,
            (select name from advisers where advisers.number = turns.adviser), '已解答', received_at,
            coalesce((select name from advisers where advisers.number = turns.adviser), '顾问') || '（微信）'
        from turns where decision = 'logged'""")
    execute("update turns set decision = 'command', category = null, channel = '公众号文字' where decision = 'logged'")


def m008_console(execute: Execute) -> None:
    """Accounts of the console and their logins; tokens and recovery codes are kept as hashes, passwords as Argon2id.

    A login of stage ``code`` still waits for its second step. ``guesses`` are tries to log in that did not succeed; who
    tried stands there as keyed hashes. ``known``: from a browser that had logged in to this account before.
    """
    execute("""
        create table users (
            number integer primary key,
            name text not null unique,
            shown text not null,
            role text not null,
            village text,
            adviser integer,
            password text not null,
            must_change integer not null,
            password_until text,
            secret text,
            step integer,
            created_at text not null,
            disabled_at text
        )""")
    execute("""
        create table logins (
            token text primary key,
            person integer not null,
            opened_at text not null,
            seen_at text not null,
            browser text,
            stage text not null
        )""")
    execute("create index logins_by_person on logins (person)")
    execute("create table recovery_codes (person integer not null, code text not null, primary key (person, code))")
    execute("create table guesses (account text not null, source text not null, known integer not null, at text not null)")
    execute("create index guesses_by_account on guesses (account, at)")


def m009_register_forms(execute: Execute) -> None:
    """Forms of the console that were sent: each is taken once, and what somebody entered stays known as theirs."""
    execute("""
        create table register_forms (
            person integer not null,
            token text not null,
            register text not null,
            number integer not null,
            what text not null,
            at text not null,
            primary key (person, token)
        )""")
    execute("create index register_forms_by_row on register_forms (register, number)")


def m010_misses(execute: Execute) -> None:
    """What was done with questions that were not answered well: each action, and the turns that it dealt with."""
    execute("""
        create table miss_actions (
            number integer primary key, at text not null, who text not null, what text not null, about text not null
        )""")
    execute("create table miss_turns (turn text primary key, action integer not null)")
    execute("create index miss_turns_by_action on miss_turns (action)")


def m011_checklist(execute: Execute) -> None:
    """What was done before an annual report was published, by whom and when; a tick that was taken away stays known."""
    execute("""
        create table publication_checks (
            number integer primary key,
            year integer not null,
            item text not null,
            done integer not null,
            who text not null,
            at text not null
        )""")
    execute("create index publication_checks_by_year on publication_checks (year)")


def m012_notices(execute: Execute) -> None:
    """Notices that were printed: what stood on each (``content``, JSON), where it hangs, and when it came down.

    ``about`` is a village's name or an entry's id; ``pictures`` are those of QR codes, PNG in base64, by ``place``: the
    village whose scene it is, or '' for the account.
    """
    execute("""
        create table notices (
            number integer primary key,
            token text not null unique,
            kind text not null,
            about text not null,
            village text,
            version text not null,
            content text not null,
            copies integer not null,
            place text,
            printed_at text not null,
            printed_by text not null,
            posted_at text,
            posted_by text,
            down_at text,
            down_by text,
            voided_at text,
            voided_by text
        )""")
    execute("create index notices_by_about on notices (kind, about)")
    execute("""
        create table notice_pictures (
            place text primary key, picture text not null, digest text not null, at text not null, who text not null
        )""")


def m013_key_checks(execute: Execute) -> None:
    """With which key people's names are made, as a few digits of a keyed hash: a changed key is noticed at the start."""
    execute("create table key_checks (name text primary key, digits text not null, at text not null)")


def m014_knowledge(execute: Execute) -> None:
    """The history of the knowledge folder as every machine has it: what each change adds, as a git pack in base64.

    A row goes from the commit ``parent`` ('' for none) to ``head``; ``since`` is the number of the first change in it, for
    rows that were joined into one. That nobody continues a commit which another has continued is for the keys to see to.
    """
    execute("""
        create table knowledge_packs (
            number integer primary key,
            since integer not null,
            head text not null unique,
            parent text not null unique,
            pack text not null,
            at text not null
        )""")


def m015_towns(execute: Execute) -> None:
    """The towns of an installation that serves several: their keys (``sealed``) open with SECRET_KEY alone."""
    execute("""
        create table towns (
            slug text primary key,
            name text not null,
            state text not null,
            sealed text not null,
            version integer not null,
            added_at text not null,
            changed_at text not null
        )""")


MIGRATIONS += [m001_turns, m002_nonces, m003_conversations, m004_counting, m005_registers, m006_security_log, m007_doorstep]
MIGRATIONS += [m008_console]
MIGRATIONS += [m009_register_forms]
MIGRATIONS += [m010_misses]
MIGRATIONS += [m011_checklist]
MIGRATIONS += [m012_notices]
MIGRATIONS += [m013_key_checks]
MIGRATIONS += [m014_knowledge]
MIGRATIONS += [m015_towns]
