"""The line in the head: what comes before the banner's script waits for it (Chromium)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

from tests.browser.test_catalogue import decide, panel, placeholder

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.shop import Shop

TAG: Final = "http://static.hotjar.com/c/tag.js"
MADE: Final = "http://static.hotjar.com/c/made.js"
FRAME: Final = "http://www.ultimedia.com/embed/7"
# What a page does at once, in its markup and by its own scripts, without a mark.
TAGS: Final = f"""<script src="{TAG}"></script><script>
  window.said = {{}}
  const script = document.createElement('script')
  script.async = true
  script.src = '{MADE}'
  document.head.append(script)
  const set = document.createElement('script')
  set.setAttribute('src', '{MADE}?set')
  document.head.append(set)
  const say = (name, given) => void (window.said[name] = given)
  fetch(new Request('http://in.hotjar.com/fetch'))
    .then(() => say('fetch', 'went'), ({{ name }}) => say('fetch', name))
  const request = new XMLHttpRequest()
  request.open('POST', 'http://in.hotjar.com/xhr')
  request.setRequestHeader('Content-Type', 'text/plain')
  request.onload = () => say('xhr', 'went')
  request.onerror = () => say('xhr', 'failed')
  request.send('x')
  say('beacon', !!navigator.sendBeacon('http://in.hotjar.com/beacon', 'x'))
  new Image().src = 'http://insights.hotjar.com/p.gif'
</script><script src="/own.js"></script>"""
BODY: Final = (
    f'<main><h1>Boutique</h1><iframe src="{FRAME}" title="Film" height="300"></iframe></main>'
)


def opens_without_us(shop: Shop, page: Page) -> None:
    """Open the page with our server away, and let pass what would happen."""
    page.route("**/w/site_*", lambda route: route.abort())
    shop.elsewhere.calls.clear()
    shop.elsewhere.pages["shop.localhost/"] = lambda: (
        f"<!doctype html><html lang=fr><head><title>Shop</title>{shop.head}{TAGS}"
        f"<script src='{shop.script}' async></script></head><body>{BODY}</body></html>"
    )
    page.goto(f"{shop.origin}/", wait_until="load")
    page.wait_for_timeout(500)


def ran(page: Page) -> list[str]:
    """List the scripts of other addresses that have run."""
    scripts: list[str] = page.evaluate("window.ran ?? []")
    return [each for each in scripts if "hotjar" in each]


def test_what_stands_after_the_line_does_not_fire_before_the_choice(
    shop: Shop, page: Page
) -> None:
    shop.opens(page, BODY, head=shop.head + TAGS)
    page.wait_for_function("window.said.fetch && window.said.xhr")
    page.wait_for_timeout(500)
    assert ran(page) == []
    assert page.evaluate("window.ran").count(f"{shop.origin}/own.js") == 1
    for address in ("in.hotjar.com", "insights.hotjar.com", "static.hotjar.com/c/made.js"):
        assert shop.elsewhere.called(address) == []
    assert page.evaluate("window.said") == {
        "beacon": True,
        "fetch": "TypeError",
        "xhr": "failed",
    }
    expect(placeholder(page)).to_contain_text("Fourni par : Digiteka")
    assert page.context.cookies() == []


def test_a_yes_lets_it_go_once_and_a_page_after_it_loses_nothing(
    shop: Shop, page: Page
) -> None:
    shop.opens(page, BODY, head=shop.head + TAGS)
    decide(page, "accept_all")
    page.wait_for_function("window.ran?.filter((each) => /hotjar/.test(each)).length === 3")
    shop.elsewhere.wait_for("www.ultimedia.com/embed/7")
    expect(placeholder(page)).to_have_count(0)
    assert sorted(ran(page)) == sorted([TAG, MADE, f"{MADE}?set"])
    # Its answer is known now: what a page calls before our script has come is called after.
    shop.opens(page, BODY, head=shop.head + TAGS, asked=False)
    page.wait_for_function("window.said.fetch === 'went' && window.said.xhr === 'went'")
    for address in ("in.hotjar.com/beacon", "insights.hotjar.com/p.gif", FRAME[7:]):
        shop.elsewhere.wait_for(address)
    page.wait_for_function("window.ran?.filter((each) => /hotjar/.test(each)).length === 3")
    page.wait_for_timeout(300)
    assert sorted(ran(page)) == sorted([TAG, MADE, f"{MADE}?set"])


def test_a_no_keeps_it_held_on_this_page_and_the_next(shop: Shop, page: Page) -> None:
    shop.opens(page, BODY, head=shop.head + TAGS)
    decide(page, "refuse_all")
    shop.opens(page, BODY, head=shop.head + TAGS, asked=False)
    page.wait_for_timeout(500)
    assert ran(page) == []
    assert shop.elsewhere.called("in.hotjar.com") == []


def test_with_our_server_away_it_stays_off_and_the_page_works(shop: Shop, page: Page) -> None:
    opens_without_us(shop, page)
    assert ran(page) == []
    assert page.evaluate("window.ran").count(f"{shop.origin}/own.js") == 1
    for address in ("in.hotjar.com", "insights.hotjar.com", "static.hotjar.com/c/made.js"):
        assert shop.elsewhere.called(address) == []
    assert page.frames[-1].url in {"about:blank", f"{shop.origin}/"}
    assert page.title() == "Shop"


def test_an_empty_policy_after_it_keeps_chromium_from_fetching_ahead(
    shop: Shop, page: Page
) -> None:
    empty = '<meta http-equiv="Content-Security-Policy" content>'
    shop.opens(page, BODY, head=shop.head + empty + TAGS)
    page.wait_for_timeout(500)
    assert shop.elsewhere.called("static.hotjar.com") == []


def test_a_strict_policy_lets_the_line_in_by_its_hash_alone(shop: Shop, page: Page) -> None:
    nonce = " nonce=R4nd0m"
    policy = (
        f"default-src 'none'; script-src 'nonce-R4nd0m' 'strict-dynamic' '{shop.hash}';"
        " style-src 'nonce-R4nd0m'; require-trusted-types-for 'script'; connect-src *;"
        " img-src *; frame-src *"
    )
    marked = f"<script{nonce} src='{TAG}'></script>"
    made = (
        f"<script{nonce}>const made = document.createElement('script');"
        f"made.src = trustedTypes.createPolicy('own', {{ createScriptURL: (it) => it }})"
        f".createScriptURL('{MADE}'); document.head.append(made)</script>"
    )
    # Markup that somebody put there has no nonce, and does not get ours by waiting.
    smuggled = "<script src='http://static.hotjar.com/c/smuggled.js'></script>"
    shop.opens(page, BODY, head=shop.head + marked + made + smuggled, policy=policy)
    assert page.evaluate("Array.isArray(window.consentHead)")
    assert ran(page) == []
    decide(page, "accept_all")
    page.wait_for_function("() => window.ran?.length >= 2")
    shop.elsewhere.wait_for("www.ultimedia.com/embed/7")
    page.wait_for_timeout(300)
    assert sorted(ran(page)) == sorted([TAG, MADE])


def test_the_panel_says_in_force_with_it(shop: Shop, page: Page) -> None:
    shop.opens(page, BODY, head=shop.head + TAGS, query="?consent-debug")
    expect(panel(page)).to_contain_text("En vigueur.")
    expect(panel(page)).not_to_contain_text("Pas en vigueur")
    expect(panel(page)).to_contain_text("static.hotjar.com/c/tag.js (Hotjar)")
    expect(panel(page)).to_contain_text("in.hotjar.com/xhr (Hotjar)")


def test_an_element_named_like_its_list_takes_nothing_over(shop: Shop, page: Page) -> None:
    form = '<form id="consentHead"><input name="r"></form>'
    shop.opens(page, form + BODY)
    decide(page, "accept_all")
    shop.elsewhere.wait_for("www.ultimedia.com/embed/7")
