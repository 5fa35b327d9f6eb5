"""The command that fits the matcher's numbers to labelled questions: fit."""

import argparse
import importlib.util
from datetime import UTC, datetime

import numpy as np
import yaml

from bot.commands.common import Usage, settings_of, snapshot_of, write
from bot.commands.matching import labels_of
from bot.ledger.clock import local_day
from bot.matching import fit as fitting
from bot.matching.model import SIGNALS_IN_WORDS, Measured, Model, Thresholds
from bot.reports.formats import grid

MOST_WRONG, MOST_FALSE = 0.037, 0.095
"""The share of answers that may be wrong, and of questions without an entry that may be answered.

A little below the 4 % and 10 % that are wanted: other people's questions differ from the sample.
"""

MOST_MISSED = 0.25
"""However sure the sample looks, entries are offered from this confidence on."""

LOST = 0.01
"""The share of questions whose entry is among the five that may be told there is no answer."""

HEADER = """# 匹配的权重和门槛，由 python -m bot fit 从标注好的问题算出来；门槛也可以在管理页面的「设置」里改，别的不要手改。
# signals 是各个信号算多少；confidence_of 和 constant 把它们变成「第一名是对的」的把握（0 到 1）；
# thresholds.answer 是把握到多少才直接回答，offer 是把握低于多少就不给选项；
# measured 是各个门槛交叉验证量出来的占比：直接答对、直接答错、没有条目却直接答、帮到（直接答对或选项里有对的）。
"""


def fit(args: argparse.Namespace) -> int:
    """Fit on labelled questions, print what cross-validation promises and the trade-off, and write the file if asked to."""
    if importlib.util.find_spec("scipy") is None:
        raise Usage("拟合要用 SciPy：先运行 make test，或 pip install -r tests/requirements.txt")
    snapshot = snapshot_of(args)
    rivals = {id_: snapshot.rivals(id_) for id_ in snapshot.entries}
    data = fitting.sample(snapshot.index, list(labels_of(args.file)), rivals)
    if data.inside.sum() < 50:
        raise Usage(f"{args.file} 里有条目的问题只有 {int(data.inside.sum())} 个，太少，至少要 50 个")
    rounds = [fitting.held_out(data, seed=seed) for seed in range(args.rounds)]
    print(f"{len(data.texts)} 个问题，{args.rounds} 轮五折交叉验证（每个问题都由没见过它的模型来答）")
    for name, share in (("第一名就是对的", "first"), ("前五名里有对的", "five")):
        values = [float(getattr(held, share)[held.inside].mean()) for held in rounds]
        print(f"{np.mean(values):7.1%} ±{np.std(values):.1%}  {name}")
    pooled = fitting.Held(
        *(np.concatenate([getattr(h, n) for h in rounds]) for n in ("inside", "first", "five", "confidence", "contested"))
    )
    trades = fitting.trade_offs(pooled, [round(0.5 + n / 100, 2) for n in range(48)])
    chosen = next((t for t in trades if t.direct_wrong <= MOST_WRONG and t.false_answer <= MOST_FALSE), trades[-1])
    rows: list[tuple[str, ...]] = [("门槛", "直接答对", "直接答错", "没有条目却答", "帮到", "")]
    for t in trades:
        if t is not chosen and round(t.threshold * 100) % 4:
            continue
        shares = (t.direct_right, t.direct_wrong, t.false_answer, t.helped)
        rows.append((f"{t.threshold:.2f}", *(f"{s:.1%}" for s in shares), "← 选这个" if t is chosen else ""))
    print("\n把握到多少才直接回答：\n" + grid(rows))
    rows = [("把握", "问题", "预计对", "实际对")]
    for low, high, count, predicted, observed in fitting.reliability(pooled):
        rows.append((f"{low:.1f}–{high:.1f}", str(count // args.rounds), f"{predicted:.0%}", f"{observed:.0%}"))
    print("\n把握准不准：\n" + grid(rows))
    lost = np.sort(pooled.confidence[pooled.inside & pooled.five])
    offer = round(min(MOST_MISSED, float(lost[int(len(lost) * LOST)])), 3) if len(lost) else 0.0
    model = fitting.fit(data).model_copy(
        update={
            "fitted": local_day(datetime.now(UTC)),
            "thresholds": Thresholds(answer=chosen.threshold, offer=offer),
            "measured": tuple(_measured(t) for t in trades if t is chosen or round(t.threshold * 100) % 4 == 0),
        }
    )
    print("\n各信号算多少：\n" + grid([(SIGNALS_IN_WORDS[n], f"{w:+.3f}") for n, w in model.signals.items()]))
    if args.write:
        path = settings_of(args).knowledge_dir / "matching.yaml"
        write(path, (HEADER + _yaml(model)).encode())
        print(f"\n已写入 {path}")
    return 0


def _measured(trade: fitting.Trade) -> Measured:
    shares = (trade.direct_right, trade.direct_wrong, trade.false_answer, trade.helped)
    right, wrong, false, helped = (round(float(share), 3) for share in shares)
    return Measured(threshold=trade.threshold, direct_right=right, direct_wrong=wrong, false_answer=false, helped=helped)


def _yaml(model: Model) -> str:
    data = model.model_dump()
    data["measured"] = list(data["measured"])
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return text
