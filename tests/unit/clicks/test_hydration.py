"""Which pages' markup belongs to scripts, told by one query over all marks."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from clicks.hydration import MARKS_CSS
from clicks.reading import read_facts
from clicks.targets import parse_target
from clicks.wanted import wanted
from config.platforms import load_platform
from tests.unit.clicks.test_reading import Page

PHOENIX = load_platform("phoenix")

TAKEN_OVER = {
    "react 17": '<div id="x" data-reactroot="">',
    "next, pages": '<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{}</script>',
    "next, images": '<img alt="" data-nimg="1" src="/_next/image?url=a">',
    "next, app": '<link rel="stylesheet" href="/_next/static/css/a.css" data-precedence="next">',
    "gatsby": '<div id="___gatsby"></div>',
    "remix": '<a href="/c/1" data-discover="true">',
    "vue 2": '<div id="app" data-server-rendered="true">',
    "vue 3, recorded": '<div id="app" data-v-app="">',
    "nuxt": '<div id="__nuxt"></div>',
    "nuxt's data": '<script type="application/json" id="__NUXT_DATA__">[]</script>',
    "angular": '<shop-root ng-version="17.1.0" ng-server-context="ssr">',
    "sveltekit 1": '<script type="module" data-sveltekit-hydrate="a1">0</script>',
    "sveltekit 2": '<body data-sveltekit-preload-data="hover">',
    "astro": '<astro-island ssr client="load">',
}
LEFT_ALONE = {
    "no script": "<ul><li>a</li></ul>",
    "a word of it": '<p class="__next">data-reactroot ng-version</p>',
    "alpine": '<div x-data="{open: false}" x-cloak>',
    "livewire": '<div wire:id="a" wire:snapshot="{}">',
    "an island that is static": "<astro-island>",
    "a root that is filled later": '<div id="root"></div>',
}


@pytest.mark.parametrize("markup", TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_taken_over(markup: str) -> None:
    assert LexborHTMLParser(markup).css_first(MARKS_CSS) is not None


@pytest.mark.parametrize("markup", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_left_alone(markup: str) -> None:
    assert LexborHTMLParser(markup).css_first(MARKS_CSS) is None


@pytest.mark.parametrize("found", [False, True])
def test_it_is_a_fact_of_the_page(found: bool) -> None:
    assert [want.css for want in wanted(PHOENIX) if want.name == "page:hydrated"] == [MARKS_CSS]
    page = Page({"page:hydrated": [{}]} if found else {})
    assert read_facts(page, PHOENIX, parse_target(b"/"), {}).hydrated is found
