"""Logging in and out, my account, accounts, the security log: where each page is."""

from flask import Blueprint

from handlers.console import accounts, log, login, mine

blueprint = Blueprint("people", __name__)

_BOTH = ["GET", "POST"]
for rule, name, view, methods in (
    ("/login", "login", login.login, _BOTH),
    ("/login/code", "code", login.code, _BOTH),
    ("/logout", "logout", login.logout, ["POST"]),
    ("/me", "mine", mine.mine, ["GET"]),
    ("/me/password", "password", mine.password, _BOTH),
    ("/me/second", "second", mine.second_step, _BOTH),
    ("/me/codes", "new_codes", mine.new_codes, ["POST"]),
    ("/me/second/off", "second_off", mine.second_off, ["POST"]),
    ("/me/logins", "end_login", mine.end_login, ["POST"]),
    ("/people", "listing", accounts.listing, ["GET"]),
    ("/people/new", "new", accounts.new, _BOTH),
    ("/people/<int:number>", "edit", accounts.edit, _BOTH),
    ("/people/<int:number>/reset", "reset", accounts.reset, ["POST"]),
    ("/people/<int:number>/disable", "disable", accounts.disable, ["POST"]),
    ("/people/<int:number>/enable", "enable", accounts.enable, ["POST"]),
    ("/people/<int:number>/logout", "end_logins", accounts.end_logins, ["POST"]),
    ("/log", "log", log.log, ["GET"]),
):
    blueprint.add_url_rule(rule, name, view, methods=methods)
