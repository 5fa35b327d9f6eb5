"""各镇: for the county's office, which towns there are and how they are; a 管理员 adds, changes, pauses and removes them."""

from contextlib import closing
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit import beginning
from bot.ledger import towns
from bot.ledger.access import accounts, audit
from bot.ledger.access.accounts import Refused
from bot.ledger.store import StoreError
from bot.ledger.towns import IN_USE, PAUSED, REMOVED, State, Town, TownError
from handlers.console import county_compare
from handlers.console.access import ADMIN, COUNTY, allow, user
from handlers.console.county_common import everything, find, in_the_office, listed
from handlers.console.county_forms import NewForm, SetForm, StateForm
from handlers.services import services

blueprint = Blueprint("county", __name__, url_prefix="/county")
blueprint.before_request(in_the_office)
blueprint.register_blueprint(county_compare.blueprint)

_STATES: dict[str, tuple[State, str, str]] = {
    "pause": (PAUSED, "暂停镇", "暂停了：群众只收到一句话和热线电话，它的后台进不去。"),
    "resume": (IN_USE, "恢复镇", "恢复了，两秒内照常回答。"),
    "remove": (REMOVED, "移除镇", "移除了，网址都打不开；数据还在，可以恢复。"),
}
_KEYS = ("wechat_token", "wechat_app_id", "wechat_aes_key", "wechat_mode", "answer_from")


@blueprint.get("/")
@allow(ADMIN, COUNTY)
def listing() -> str:
    """Show the towns and how they are."""
    return render_template("console/county/listing.html", towns=listed(), form=StateForm(), may=user().role == ADMIN)


@blueprint.route("/new", methods=["GET", "POST"])
@allow(ADMIN)
def new() -> BaseResponse | str:
    """Add a town, and show once what is needed to connect it."""
    form = NewForm()
    if form.validate_on_submit():
        here, slug = services(), form.slug.data.strip()
        try:
            keys = towns.new_keys(**{name: (form[name].data or "").strip() for name in _KEYS})
            made = beginning.found(here.settings, here.store, slug, form.name.data, keys, by=user().name, now=here.clock())
            account, password, refused = _first_account(made, (form.admin.data or "").strip())
        except (TownError, StoreError, OSError) as e:
            form.slug.errors = [*form.slug.errors, f"没有登记：{e}。"]
        else:
            everything().look()
            token = keys.wechat_token if not form.wechat_token.data else ""
            return render_template(
                "console/county/made.html", made=made, token=token, account=account, password=password, refused=refused
            )
    return render_template("console/county/form.html", form=form, found=None)


@blueprint.route("/<slug>", methods=["GET", "POST"])
@allow(ADMIN)
def edit(slug: str) -> BaseResponse | str:
    """Change a town's name or keys."""
    found, here = find(slug), services()
    try:
        old = towns.unseal(found, here.settings.secret_key)
    except TownError as e:
        flash(str(e), "danger")
        return redirect(url_for(".listing"))
    form = SetForm(
        name=found.name, wechat_app_id=old.wechat_app_id, wechat_mode=old.wechat_mode or "", answer_from=old.answer_from
    )
    if form.validate_on_submit():
        changes: dict[str, Any] = {name: form[name].data.strip() for name in _KEYS if form[name].data}
        changes["wechat_mode"] = form.wechat_mode.data or None
        if form.drop_previous.data:
            changes["wechat_aes_key_previous"] = ""
        try:
            keys = towns.changed_keys(old, **{name: value for name, value in changes.items() if value is not None})
            keys = keys if form.wechat_mode.data else towns.changed_keys(keys.model_copy(update={"wechat_mode": None}))
            with here.store.writing() as db:
                made = towns.change(
                    db, slug, name=form.name.data, keys=keys, secret_key=here.settings.secret_key, now=here.clock()
                )
                what = "、".join(name.upper() for name in _KEYS if getattr(keys, name) != getattr(old, name)) or "名字"
                audit.note(db, who=user().name, what="改镇的设置", about=f"{made.name}（{slug}）：{what}", now=here.clock())
        except TownError as e:
            form.name.errors = [*form.name.errors, f"没有保存：{e}"]
        else:
            everything().look()
            flash(f"{made.name}的设置改好了，两秒内生效。", "success")
            return redirect(url_for(".listing"))
    return render_template("console/county/form.html", form=form, found=found, previous=bool(old.wechat_aes_key_previous))


@blueprint.post("/<slug>/<what>")
@allow(ADMIN)
def move(slug: str, what: str) -> BaseResponse:
    """Pause, resume or remove a town."""
    found, here, form = find(slug), services(), StateForm()
    if what not in _STATES:
        abort(404)
    state, did, said = _STATES[what]
    if state == REMOVED and (form.name.data or "").strip() != found.name:
        flash(f"没有移除：要移除{found.name}，请在它那一行再打一遍它的名字。", "danger")
        return redirect(url_for(".listing"))
    with here.store.writing() as db:
        towns.set_state(db, slug, state, now=here.clock())
        audit.note(db, who=user().name, what=did, about=f"{found.name}（{slug}）", now=here.clock())
    everything().look()
    flash(f"{found.name}{said}", "success")
    return redirect(url_for(".listing"))


def _first_account(town: Town, name: str) -> tuple[str, str, str]:
    """Add the first 管理员 of a town that has no account yet; return login name, first password, and why there is none."""
    if not name:
        return "", "", ""
    here = services()
    with closing(towns.ledger_of(towns.settings_for(here.settings, town))) as store, store.writing() as db:
        if next(iter(db.query("select number from users", {})), None):
            return "", "", "这个镇已经有账号了，请它自己的管理员登记。"
        try:
            made, password = accounts.create(
                db, name=name, shown="", role="管理员", village=None, by=f"{user().name}（县里）", now=here.clock()
            )
        except Refused as e:
            return "", "", str(e)
    with here.store.writing() as db:
        audit.note(db, who=user().name, what="登记镇里的管理员", about=f"{town.name}：{made.name}", now=here.clock())
    return made.name, password, ""


def is_open() -> bool:
    """Tell whether the pages concern anybody here: where no town was added, a single town's console stays as it is."""
    whole = services().towns
    return services().town is None and whole is not None and bool(whole.all() or whole.problems)
