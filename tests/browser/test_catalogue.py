"""Trackers without a mark, known by their address: held, named, let go (real Chromium)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_axe import finds_nothing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.shop import Shop


def placeholder(page: Page) -> Locator:
    """Find what stands where a frame is held."""
    return page.locator("consent-placeholder [part=placeholder]")


FILM = (
    "<iframe data-purpose=video data-src='http://www.youtube-nocookie.com/embed/1'"
    " title='Notre film' width=560 height=315></iframe>"
)
MAP = (
    "<iframe data-purpose=video data-src='http://www.google.com/maps/embed?pb=1'"
    " title='Nous trouver' width=560 height=315></iframe>"
)


def test_a_held_film_looks_like_one_and_asks_nobody(shop: Shop, page: Page) -> None:
    shop.opens(page, f"<h1>Film</h1>{FILM}")
    held = placeholder(page)
    expect(held).to_have_class("base held video")
    expect(held).to_contain_text("Fourni par : YouTube")
    expect(held).to_contain_text("Notre film")
    box = held.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (560, 315)
    page.wait_for_timeout(500)
    assert shop.others() == set()


def test_a_held_map_looks_like_one_even_on_a_narrow_screen(shop: Shop, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    shop.opens(page, MAP)
    held = placeholder(page)
    expect(held).to_have_class("base held maps")
    box = held.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_picture_of_the_sites_own_stands_behind_the_words(shop: Shop, page: Page) -> None:
    own = FILM.replace("<iframe ", "<iframe data-poster='/poster.gif' ")
    foreign = FILM.replace("<iframe ", "<iframe data-poster='http://i.ytimg.com/vi/1/hq.gif' ")
    shop.opens(page, own + foreign)
    expect(placeholder(page).first.locator("img")).to_be_visible()
    expect(placeholder(page).last.locator("img")).to_have_count(0)
    assert shop.elsewhere.called("i.ytimg.com") == []
    assert shop.elsewhere.called("shop.localhost/poster.gif")


# Hosts that browsers call by https alone are of no use here: the other side has no
# certificate, and a call of theirs would not be seen.
# What scripts of a page do with services that carry no mark; the pictures are kept alive.
CALLS = """async () => {
  const answers = {}
  const failed = (name) => (error) => void (answers[name] = error.name)
  const say = (name) => () => void (answers[name] = 'went')
  window.kept = []
  const script = document.createElement('script')
  script.src = 'http://static.hotjar.com/c/hotjar-1.js'
  document.head.append(script)
  const frame = document.createElement('iframe')
  frame.setAttribute('src', 'http://www.ultimedia.com/embed/1')
  frame.title = 'Ajouté'
  document.body.append(frame)
  const pixel = new Image()
  pixel.src = 'http://insights.hotjar.com/p.gif'
  window.kept.push(pixel)
  const style = document.createElement('link')
  style.rel = 'stylesheet'
  style.href = 'http://static.hotjar.com/s.css'
  document.head.append(style)
  await fetch('http://in.hotjar.com/fetch').then(say('fetch'), failed('fetch'))
  await new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', 'http://in.hotjar.com/xhr')
    request.onload = say('xhr')
    request.onerror = () => void (answers.xhr = 'error')
    request.onloadend = resolve
    request.send('x')
  })
  answers.beacon = navigator.sendBeacon('http://in.hotjar.com/beacon', 'x')
  return answers
}"""


def decide(page: Page, action: str) -> None:
    """Answer, and wait until the banner has gone."""
    page.locator(f"consent-banner [data-action={action}]").click()
    expect(page.locator("consent-banner [part=banner]")).to_be_hidden()


def test_what_scripts_add_without_a_mark_calls_nobody_before_the_choice(
    shop: Shop, page: Page
) -> None:
    shop.opens(page, "<h1>Boutique</h1>")
    answers = page.evaluate(CALLS)
    page.wait_for_timeout(700)
    assert shop.others() == set()
    assert answers == {"fetch": "TypeError", "xhr": "error", "beacon": False}


def test_what_was_held_is_let_go_by_a_yes_and_runs_once(shop: Shop, page: Page) -> None:
    shop.opens(page, "<h1>Boutique</h1>")
    page.evaluate(CALLS)
    decide(page, "accept_all")
    shop.elsewhere.wait_for("www.ultimedia.com")
    page.wait_for_function("window.ran?.length")
    assert page.evaluate("window.ran") == ["http://static.hotjar.com/c/hotjar-1.js"]
    answers = page.evaluate(CALLS)
    assert answers == {"fetch": "went", "xhr": "went", "beacon": True}
    for path in ("in.hotjar.com/fetch", "in.hotjar.com/xhr", "in.hotjar.com/beacon"):
        shop.elsewhere.wait_for(path)
    shop.elsewhere.wait_for("insights.hotjar.com/p.gif")


def test_what_was_held_stays_held_after_a_no(shop: Shop, page: Page) -> None:
    shop.opens(page, "<h1>Boutique</h1>")
    page.evaluate(CALLS)
    decide(page, "refuse_all")
    page.evaluate(CALLS)
    page.wait_for_timeout(700)
    assert shop.others() == set()


def test_a_service_that_nobody_declared_is_held_whatever_the_answer(
    shop: Shop, page: Page
) -> None:
    # Seen if it is called: the browser has no rule of its own for this host.
    page.goto("http://prof.estat.com/")
    shop.elsewhere.wait_for("prof.estat.com")
    shop.opens(page, "<h1>Boutique</h1>")
    decide(page, "accept_all")
    told = page.evaluate(
        """async () => {
          const script = document.createElement('script')
          script.src = 'http://prof.estat.com/js/m.js'
          document.head.append(script)
          return fetch('http://prof.estat.com/call').catch((error) => error.name)
        }"""
    )
    page.wait_for_timeout(700)
    assert told == "TypeError"
    for path in ("js/m.js", "call"):
        assert shop.elsewhere.called(f"prof.estat.com/{path}") == []


def test_what_nobody_knows_and_what_the_site_serves_run_as_ever(shop: Shop, page: Page) -> None:
    shop.opens(page, "<h1>Boutique</h1>")
    page.evaluate(
        """() => {
          for (const src of ['http://cdn.other.example/lib.js', '/own.js']) {
            const script = document.createElement('script')
            script.src = src
            document.head.append(script)
          }
        }"""
    )
    page.wait_for_function("window.ran?.length === 2")


def test_the_page_is_told_what_was_held_and_why(shop: Shop, page: Page) -> None:
    shop.opens(page, "<h1>Boutique</h1>")
    page.evaluate(
        """() => {
          window.told = []
          document.addEventListener('consent:blocked', ({ detail }) => {
            window.told.push([detail.service, detail.purposes.join(), detail.why])
          })
        }"""
    )
    page.evaluate(CALLS)
    told = page.evaluate("window.told")
    assert ["Digiteka (Ultimedia)", "video", "recognised"] in told
    assert ["Hotjar", "analytics", "network"] in told


def test_what_markup_brings_later_is_held_and_covered(shop: Shop, page: Page) -> None:
    shop.opens(page, "<main></main>")
    page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend',
          '<iframe src="http://www.ultimedia.com/embed/2" title="Film" height=300></iframe>' +
          '<img src="http://insights.hotjar.com/markup.gif" alt="">')"""
    )
    expect(placeholder(page)).to_contain_text("Fourni par : Digiteka (Ultimedia)")
    decide(page, "accept_all")
    shop.elsewhere.wait_for("www.ultimedia.com/embed/2")
    expect(placeholder(page)).to_have_count(0)


def test_one_frame_may_be_shown_once_without_an_answer(shop: Shop, page: Page) -> None:
    shop.opens(page, FILM.replace("www.youtube-nocookie.com", "www.ultimedia.com"))
    page.locator("consent-placeholder [data-action=once]").click()
    shop.elsewhere.wait_for("www.ultimedia.com/embed/1")
    assert page.context.cookies() == []
    page.reload()
    expect(placeholder(page)).to_be_visible()


def panel(page: Page) -> Locator:
    """Find the panel for developers."""
    return page.locator("consent-debug section")


def test_visitors_never_see_the_developers_panel(shop: Shop, page: Page) -> None:
    shop.opens(page, FILM)
    page.wait_for_timeout(300)
    expect(panel(page)).to_have_count(0)


def test_the_panel_says_what_was_held_and_what_was_called_before_the_choice(
    shop: Shop, page: Page
) -> None:
    early = "<script src='http://static.hotjar.com/c/early.js?user=jane'></script>"
    shop.opens(page, FILM, head=early, query="?consent-debug")
    page.evaluate(CALLS)
    expect(panel(page)).to_contain_text("Pas en vigueur")
    expect(panel(page)).to_contain_text("static.hotjar.com/c/early.js (Hotjar)")
    expect(panel(page)).to_contain_text(
        "<iframe> www.youtube-nocookie.com/embed/1 (YouTube)\u00a0: Lire nos vidéos ici"
        " (marqué dans la page)"
    )
    expect(panel(page)).to_contain_text("www.ultimedia.com/embed/1 (Digiteka (Ultimedia))")
    expect(panel(page)).to_contain_text("in.hotjar.com/beacon (Hotjar)")
    expect(panel(page)).not_to_contain_text("jane")
    decide(page, "refuse_all")
    expect(panel(page)).to_contain_text("Cookie «\u00a0consent\u00a0», du")
    expect(panel(page)).to_contain_text("Lire nos vidéos ici\u00a0: non")
    panel(page).locator("[data-action=close]").click()
    expect(panel(page)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a11y_1_placeholders_and_the_panel(shop: Shop, web: Browser, scheme: str) -> None:
    context = web.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    shop.opens(page, f"<main><h1>Film</h1>{FILM}{MAP}</main>", query="?consent-debug")
    expect(panel(page)).to_be_visible()
    finds_nothing(page)
    context.close()
