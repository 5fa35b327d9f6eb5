"""The clock of the machine is set back, or far forward, while villagers talk."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from bot.ledger.clock import local_day
from tests.conftest import NOW, wechat_for

Rows = Callable[[], list[dict[str, object]]]


@pytest.mark.parametrize("back", [timedelta(minutes=10), timedelta(hours=5), timedelta(days=400)], ids=str)
def test_after_the_clock_was_set_back_the_conversation_goes_on_and_nothing_is_counted_twice(
    make_app: Callable[..., Flask], rows: Rows, back: timedelta
) -> None:
    moment = [NOW]

    def at_wechat() -> float:
        return moment[0].timestamp()

    app = make_app(clock=lambda: moment[0])
    wechat = wechat_for(app, clock=at_wechat)
    villager = wechat.villager()
    offered = villager.says("老公不肯离婚，老板不给工资，悔婚彩礼").text
    assert "msgmenuid=2" in offered
    moment[0] -= back
    assert villager.retries().text == offered
    second = villager.says("2").text
    # A list of a moment ago still counts; one that seems to come from far ahead is not trusted.
    assert second.startswith("您问的是") == (back < timedelta(minutes=30))
    again = villager.says("老板不给工资")
    assert again.text.startswith("您问的是：老板拖欠工资")
    assert villager.retries().text == again.text
    moment[0] += back + timedelta(seconds=5)
    assert villager.says("老公不肯离婚").text.startswith("您问的是")
    assert villager.says("00").text.startswith("已转给人")
    assert len(rows()) == 5
    found = [row for row in rows() if row["decision"] == "answer" and row["entry_id"] == "wage"]
    assert found and all(str(row["day"]) == local_day(NOW - back).isoformat() for row in found[:1])


def test_messages_that_a_wrong_clock_turns_away_are_named_as_such_in_the_log(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(clock=lambda: NOW - timedelta(hours=2))
    wechat = wechat_for(app, clock=NOW.timestamp)
    assert wechat.villager().says("老板不给工资").status == 403
    assert "7200 秒" in caplog.text and "对好本机的时间" in caplog.text
