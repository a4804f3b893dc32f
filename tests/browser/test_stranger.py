"""A stranger: nothing before consent, then the next page follows what was looked at, and Back finds its place."""

from demo.shop.catalogue import NOVELTIES, of_genre
from demo.shop.genres import FLAMENCO, HIP_HOP
from demo.shop.record import Genre
from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor

AS_IT_IS = [record.id for record in NOVELTIES]


def not_in_window(genre: Genre) -> list[int]:
    """Three records of the genre that the home page does not show."""
    return [record.id for record in of_genre(genre) if record not in NOVELTIES][:3]


def look_at(visitor: Visitor, genre: Genre) -> None:
    """Open three records from the category's page, going back to it after each."""
    visitor.page.click(f"ul.menu a:has-text('{genre.name}')")
    visitor.page.wait_for_url("**cPath=*")
    for number in not_in_window(genre):
        visitor.open_record(number)
        visitor.page.go_back()
        visitor.page.wait_for_load_state()


def test_before_consent_the_page_is_the_shops(arrive: Arrive) -> None:
    visitor, beside = arrive("stranger"), arrive("stranger")
    for path in ("/index.php", "/index.php?cPath=1", "/product_info.php?products_id=2", "/login.php"):
        answer = visitor.open(path)
        assert "set-cookie" not in answer.headers or "vitrina=" not in answer.headers["set-cookie"]
        beside.open(path, of_shop=True)
        assert visitor.dom() == beside.dom(), path
    assert visitor.cookie is None
    assert visitor.page.is_visible("#cookieBar")


def test_consent_brings_the_cookie_with_the_next_page(arrive: Arrive) -> None:
    visitor = arrive("stranger")
    visitor.open("/index.php")
    visitor.consent()
    assert visitor.cookie is None
    visitor.home()
    cookie = visitor.cookie
    assert cookie is not None
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert visitor.page.evaluate("document.cookie.includes('vitrina')") is False


def test_what_is_looked_at_moves_up_and_back_finds_its_place(arrive: Arrive) -> None:
    visitor = arrive("stranger")
    visitor.open("/index.php")
    visitor.consent()
    assert visitor.home() == AS_IT_IS

    look_at(visitor, HIP_HOP)
    moved = visitor.home()
    hip_hop = [record.id for record in NOVELTIES if record.genre == HIP_HOP]
    assert sorted(moved) == sorted(AS_IT_IS)
    assert moved[0] == AS_IT_IS[0], "the first is pinned"
    assert moved[1 : 1 + len(hip_hop)] == hip_hop, "none of them was ever opened"

    visitor.page.click(f"ul.menu a:has-text('{FLAMENCO.name}')")
    visitor.page.wait_for_url("**cPath=2*")
    visitor.open_record(not_in_window(FLAMENCO)[0])
    visitor.demo.settle()
    visitor.page.go_back()
    visitor.page.go_back()
    visitor.page.wait_for_url("**/index.php")
    visitor.page.wait_for_selector(".record")
    assert visitor.window() == moved


def test_nothing_but_the_order_has_changed(arrive: Arrive) -> None:
    visitor = arrive("stranger")
    visitor.open("/index.php")
    visitor.consent()
    visitor.home()
    look_at(visitor, HIP_HOP)
    assert visitor.home() != AS_IT_IS
    ours = _with_window_sorted(visitor)
    visitor.open("/index.php", of_shop=True)
    assert visitor.window() == AS_IT_IS
    assert ours == _with_window_sorted(visitor)


def _with_window_sorted(visitor: Visitor) -> str:
    """The DOM with the window's records in the order of their ids; `odd`, `first` and the like checked and put away."""
    classes = visitor.page.evaluate(
        """() => {
          const all = [...document.querySelectorAll("#newProducts > .record")];
          const places = all.map(each => each.className);
          const id = each => Number(each.querySelector("a").href.match(/products_id=(\\d+)/)[1]);
          const space = all.map(() => document.createComment(""));
          all.forEach((each, at) => each.replaceWith(space[at]));
          all.sort((a, b) => id(a) - id(b)).forEach((each, at) => {
            each.className = "record";
            space[at].replaceWith(each);
          });
          return places;
        }"""
    )
    expected = ["record odd" if place % 2 == 0 else "record even" for place in range(12)]
    expected[0], expected[-1] = "record first odd", "record last even"
    assert [" ".join(sorted(each.split())) for each in classes] == [" ".join(sorted(each.split())) for each in expected]
    return visitor.dom()
