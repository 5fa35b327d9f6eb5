"""Commands that ask the matcher: ask, match, evaluate, compare."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.common import Usage, json_line, lines_of, settings_of, snapshot_of
from bot.dialogue.rules import preview
from bot.dialogue.turn import Outcome
from bot.faq.library import Library, Snapshot
from bot.ledger.towns import ledger_of
from bot.ledger.turns import questions_asked
from bot.matching.alarm import ORDINARY, trade_offs
from bot.matching.decision import BOTH_NEAR
from bot.matching.explain import explain, in_words
from bot.matching.measures import IN_WORDS, Labelled, Matched, confusions, measure, worst
from bot.reports.formats import grid
from bot.text import mask


def ask(args: argparse.Namespace) -> int:
    """Answer one question as a villager would see it, and say why it matched."""
    snapshot = snapshot_of(args)
    outcome = preview(args.question, snapshot, datetime.now(UTC))
    reply = outcome.reply
    print(reply.text)
    for n, option in enumerate(reply.options, 1):
        print(f"{n}. {option.label}")
    if reply.tail:
        print(reply.tail)
    words = {
        "answer": "直接作答",
        "choose": "给出选项",
        "miss": "没答上",
        "empty": "没有文字",
        "command": "按命令处理",
        "crisis": "急事，发固定的卡片",
    }
    print(f"\n[处理] {words.get(outcome.decision, outcome.decision)}", file=sys.stderr)
    if args.why:
        names = {i: e.question for i, e in snapshot.entries.items()}
        print("[原因]\n" + in_words(explain(snapshot.index, args.question), names), file=sys.stderr)
        rivals = snapshot.rivals(outcome.candidates[0].id) if outcome.candidates else set()
        near = [names[c.id] for c in outcome.candidates[1:] if c.id in rivals and c.score >= BOTH_NEAR]
        if near and outcome.decision == "choose":
            print(f"有不能弄混的条目也很近，所以先问清楚：{'、'.join(near)}", file=sys.stderr)
    else:
        for candidate in outcome.candidates:
            print(f"[候选] {candidate.score:.2f} {candidate.id}，最像的问法「{candidate.phrasing}」", file=sys.stderr)
    return 0


def match(args: argparse.Namespace) -> int:
    """Read questions from standard input, one a line or JSON lines with ``q``; write one JSON line each."""
    snapshot = snapshot_of(args)
    now = datetime.now(UTC)
    for n, raw in enumerate(sys.stdin, 1):
        line = raw.removeprefix("\ufeff").strip()
        question = json_line(line, n, "标准输入")["q"] if line.startswith("{") else line
        outcome = preview(question, snapshot, now)
        print(json.dumps({"q": question, **_matched(outcome)}, ensure_ascii=False), flush=True)
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Measure the matching of labelled questions."""
    snapshot = snapshot_of(args)
    now = datetime.now(UTC)
    pairs, scores = [], []
    for label in labels_of(args.file):
        outcome = preview(label.q, snapshot, now)
        found = _matched(outcome)
        scores.append(outcome.score or 0.0)
        pairs.append((label, Matched(found["decision"], found["id"], [c["id"] for c in found["candidates"]])))
    measures = asdict(measure(pairs))
    if args.json:
        print(json.dumps(measures))
        return 0
    for name, value in measures.items():
        print(f"{value:8.1%}  {IN_WORDS[name]}" if isinstance(value, float) else f"{value:8}  {IN_WORDS[name]}")
    if args.by:
        print("\n" + grid(_by_category(snapshot, pairs)))
    if args.confusions:
        names = {i: e.question for i, e in snapshot.entries.items()}
        print("\n弄混的条目（次数　应当是　却把它排在第一）")
        for n, wanted, first in confusions(pairs):
            print(f"{n:4}　{wanted}「{names.get(wanted, '')}」　{first}「{names.get(first, '')}」")
    if args.worst:
        print("\n最该看的问题（处理　应当是　前几名　问题）")
        for _, label, got in worst(pairs, scores)[: args.worst]:
            print(f"{got.decision}　{label.id}　{'、'.join(got.candidates[:3])}　{mask(label.q)[:120]}")
    return 0


def crisis(args: argparse.Namespace) -> int:
    """Measure on labelled sentences how many emergencies are heard and how many false alarms are raised, by threshold."""
    found = snapshot_of(args).crisis
    if found.cards is None or found.alarm is None:
        raise Usage("crisis.yaml 或 crisis-examples.yaml 用不了，先运行 python -m bot check")
    rows = [json_line(line, n, str(args.file), "text", "kind") for n, line in enumerate(lines_of(args.file), 1) if line.strip()]
    labelled = [(row["text"], row["kind"]) for row in rows]
    now = found.cards.threshold
    table: list[tuple[str, ...]] = [("像到多少", "急事认出来", "平常话误报", "")]
    for threshold, heard, false in trade_offs(found.alarm, labelled, sorted({0.05, 0.1, 0.15, 0.2, 0.3, 0.5, now})):
        table.append((f"{threshold:.2f}", f"{heard:.1%}", f"{false:.1%}", "← 现在用的" if threshold == now else ""))
    print(grid(table))
    wrong = [(text, kind) for text, kind in labelled if (found.emergency_in(text) is not None) != (kind != ORDINARY)]
    print(f"\n连同一出现就算的话：{len(labelled)} 句里 {len(wrong)} 句不对")
    for text, kind in wrong:
        print(f"{'误报' if kind == ORDINARY else '漏报'}　{text}")
    return 0


def compare(args: argparse.Namespace) -> int:
    """Replay questions against two states of the knowledge and list those that would get another answer."""
    memory = settings_of(args).memory_dir
    old, new = (Library(folder, memory=memory).refresh() for folder in (args.old, args.new))
    for folder, snapshot in ((args.old, old), (args.new, new)):
        if not snapshot.entries:
            raise Usage(f"{folder} 里没有条目：{snapshot.findings[-1]}")
    now = datetime.now(UTC)
    changed = 0
    asked = dict.fromkeys(_questions(args))
    for question in asked:
        before, after = preview(question, old, now), preview(question, new, now)
        if (said := _reply(before)) != (then := _reply(after)):
            changed += 1
            print(f"「{mask(question)[:100]}」\n  原来：{said}\n  现在：{then}")
    print(f"{len(asked)} 个问题，{changed} 个会得到不同的回复")
    return 1 if changed else 0


def _by_category(snapshot: Snapshot, pairs: Sequence[tuple[Labelled, Matched]]) -> list[tuple[str, ...]]:
    names = ("inside", "top1", "top5", "direct_right", "direct_wrong", "helped")
    rows: list[tuple[str, ...]] = [("类别", "问题", "第一名对", "前五有对", "直接答对", "直接答错", "帮到")]
    groups: dict[str, list[tuple[Labelled, Matched]]] = {}
    for label, got in pairs:
        if entry := snapshot.entries.get(label.id):
            groups.setdefault(entry.category, []).append((label, got))
    for category, group in sorted(groups.items()):
        data = asdict(measure(group))
        rows.append((category, *(f"{data[n]:.0%}" if isinstance(data[n], float) else str(data[n]) for n in names)))
    return rows


def _reply(outcome: Outcome) -> str:
    if outcome.decision == "answer" and outcome.entry:
        return f"直接答「{outcome.entry.question}」"
    if outcome.decision == "choose":
        return "请群众选：" + "、".join(f"「{o.label}」" for o in outcome.reply.options)
    return {"miss": "没答上", "empty": "请群众打字", "crisis": "急事卡片"}.get(outcome.decision, "按命令处理")


def _questions(args: argparse.Namespace) -> Iterator[str]:
    """Yield the questions of the file, or those of the ledger, which are masked."""
    if args.questions:
        for n, line in enumerate(filter(str.strip, lines_of(args.questions)), 1):
            yield json_line(line, n, str(args.questions))["q"] if line.startswith("{") else line.strip()
        return
    settings = settings_of(args)
    store = ledger_of(settings)
    try:
        yield from questions_asked(store)
    finally:
        store.close()


def _matched(outcome: Outcome) -> dict[str, Any]:
    return {
        "decision": "miss" if outcome.decision == "empty" else outcome.decision,
        "id": outcome.entry.id if outcome.entry else None,
        "candidates": [{"id": c.id, "score": c.score} for c in outcome.candidates],
    }


def labels_of(path: Path) -> Iterator[Labelled]:
    """Yield the labelled questions of a file of JSON lines. Raises Usage that names the line."""
    for n, line in enumerate(lines_of(path), 1):
        if line.strip():
            data = json_line(line, n, str(path))
            if not isinstance(data.get("id"), str):
                raise Usage(f"{path} 第{n}行缺 id")
            yield Labelled(data["q"], data["id"], tuple(data.get("also") or ()))
