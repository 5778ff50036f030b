"""A demonstration website: a few pages with the banner's one line and three stand-ins.

It stands apart from the server, as a customer's website would: it knows the server's
address and its own site id, and nothing else.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request
from werkzeug.serving import make_server

from ..organisations.document import OrganisationDocument, duration, load_document
from .mailbox import letters

if TYPE_CHECKING:
    from ..organisations.document.catalogue import Purpose

HERE: Final = Path(__file__).parent
ORGANISATIONS: Final = HERE / "organisations"
PAGES: Final = HERE / "pages"
LANGUAGES: Final = ("fr", "en")
SLUGS: Final = ("cubalys", "hebergis")

# A transparent picture of one point, the smallest GIF that browsers accept.
PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_ASSETS: Final = {
    "shared.css": "text/css; charset=utf-8",
    "site.css": "text/css; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "panel.js": "text/javascript; charset=utf-8",
    "film.js": "text/javascript; charset=utf-8",
    "letter.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page in both languages."""

    name: str
    path: dict[str, str]
    title: dict[str, str]
    description: dict[str, str]
    menu: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class DemoSite:
    """What a demonstration site is made of."""

    slug: str
    name: str
    pages: tuple[Page, ...]

    def page(self, name: str) -> Page:
        """Find a page by its name."""
        return next(page for page in self.pages if page.name == name)


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the newsletter form asks: a purpose, in the words of a notice version."""

    notice_version: str
    purpose: str


def site_app(
    slug: str,
    *,
    server_url: str,
    site_id: str,
    form: Form | None = None,
    mail: Path | None = None,
) -> Flask:
    """Build the website of a demonstration organisation, tied to a server by its site id.

    `mail` is the folder whose messages its letter box shows.
    """
    app = Flask(__name__, static_folder=None, template_folder=str(PAGES))
    site = _site(slug)
    document = read_organisation(slug, origin=f"http://{slug}.localhost")
    app.jinja_env.globals.update(
        site=site,
        document=document,
        organisation=document.organisation,
        texts=_texts(),
        languages=LANGUAGES,
        home=site.page("home"),
        privacy=site.page("privacy"),
        server_url=server_url.rstrip("/"),
        site_id=site_id,
        form=form,
        asked=_asked(document, form),
    )
    app.jinja_env.filters["lasting"] = lasting
    _add_pages(app, site, document)
    _add_assets(app, site)
    _add_stand_ins(app, document)
    _add_headers(app, server_url)
    if mail is not None:
        _add_mailbox(app, mail)
    return app


def _asked(document: OrganisationDocument, form: Form | None) -> Purpose | None:
    wanted = form.purpose if form else ""
    return next((each for each in document.purposes if each.slug == wanted), None)


def _add_mailbox(app: Flask, folder: Path) -> None:
    @app.get("/mailbox")
    def mailbox() -> str:
        return render_template("shared/mailbox.html", letters=letters(folder))


def serve_site(
    slug: str,
    *,
    server_url: str,
    site_id: str,
    form: Form,
    mail: Path,
    port: int,
    host: str = "127.0.0.1",
) -> None:
    """Serve a demonstration site until the process is told to stop."""
    app = site_app(slug, server_url=server_url, site_id=site_id, form=form, mail=mail)
    make_server(host, port, app, threaded=True).serve_forever()


def read_organisation(slug: str, *, origin: str) -> OrganisationDocument:
    """Read a demonstration organisation's own file, its site being at this origin."""
    path = ORGANISATIONS / f"{slug}.yaml"
    text = path.read_text(encoding="utf-8")
    return load_document(text, name=path.name, variables={"SITE_ORIGIN": origin})


def lasting(lifetime: str, lang: str) -> str:
    """Say a lifetime of one unit, such as P6M or PT30M, in words."""
    units = _texts()["units"]
    if lifetime == "session":
        return str(units["session"][lang])
    unit = f"T{lifetime[-1]}" if "T" in lifetime else lifetime[-1]
    number = int("".join(filter(str.isdigit, lifetime)))
    return f"{number} {units[unit][lang][number > 1]}"


def _add_pages(app: Flask, site: DemoSite, document: OrganisationDocument) -> None:
    policy = next(notice for notice in document.notices if notice.surface == "policy")

    def add(page: Page, lang: str) -> None:
        own = f"{site.slug}/{page.name}.{lang}.html"
        template = own if (PAGES / own).exists() else f"shared/{page.name}.html"
        colon = "\u00a0:" if lang == "fr" else ":"
        context = {"page": page, "lang": lang, "policy": policy.words[lang], "colon": colon}
        app.add_url_rule(
            page.path[lang],
            f"{page.name}.{lang}",
            lambda: render_template(template, **context),
        )

    for page in site.pages:
        for lang in LANGUAGES:
            add(page, lang)


def _add_assets(app: Flask, site: DemoSite) -> None:
    @app.get("/<name>")
    def asset(name: str) -> Response:
        kind = _ASSETS.get(name)
        if kind is None:
            abort(HTTPStatus.NOT_FOUND)
        own = PAGES / site.slug / name
        path = own if own.exists() else PAGES / "shared" / name
        return Response(path.read_bytes(), content_type=kind)


def _add_stand_ins(app: Flask, document: OrganisationDocument) -> None:
    """Stand-ins for other companies' services; their cookies are those declared."""

    @app.get("/stand-in/analytics.js")
    def analytics() -> Response:
        script = render_template("shared/analytics.js", cookies=_cookies(document, "analytics"))
        return Response(script, mimetype="text/javascript")

    @app.get("/stand-in/pixel.gif")
    def pixel() -> Response:
        return _marked(Response(PIXEL, mimetype="image/gif"), document, "advertising")

    @app.get("/stand-in/video")
    def video() -> Response:
        lang = request.args.get("lang", "")
        page = _site(document.organisation.slug).page("film")
        shown = render_template(
            "shared/film.html", page=page, lang=lang if lang in LANGUAGES else "fr"
        )
        return _marked(Response(shown, mimetype="text/html"), document, "video")


def _marked(response: Response, document: OrganisationDocument, purpose: str) -> Response:
    for name, seconds in _cookies(document, purpose):
        if name not in request.cookies:
            mark = secrets.token_hex(8)
            # Not HttpOnly: a withdrawal must be able to delete it from the page.
            response.set_cookie(name, mark, max_age=seconds, samesite="Lax")
    return response


def _cookies(document: OrganisationDocument, purpose: str) -> list[tuple[str, int]]:
    """Name the cookies declared for a purpose, with their lifetime in seconds."""
    return [
        (cookie.name, duration(cookie.lifetime).mean_seconds)
        for tracker in document.trackers
        if purpose in tracker.purposes
        for cookie in tracker.cookies
    ]


def _add_headers(app: Flask, server_url: str) -> None:
    parts = urlsplit(server_url)
    server = f"{parts.scheme}://{parts.netloc}"
    policy = (
        f"default-src 'none'; script-src 'self' {server}; connect-src {server}; "
        "style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
        f"form-action {server}; frame-ancestors 'self'; "
        "require-trusted-types-for 'script'; trusted-types consent letter"
    )

    @app.after_request
    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _site(slug: str) -> DemoSite:
    if slug not in SLUGS:
        raise ValueError(f"no demonstration site is called {slug!r}; there are {SLUGS}")
    told = json.loads((PAGES / slug / "site.json").read_text(encoding="utf-8"))
    pages = tuple(Page(**page) for page in told["pages"])
    return DemoSite(slug=slug, name=told["name"], pages=pages)


def _texts() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        (PAGES / "shared" / "texts.json").read_text(encoding="utf-8")
    )
    return told
