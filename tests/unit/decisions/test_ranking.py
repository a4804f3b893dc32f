"""Orders of lists: by interest, by popularity, as shown before; always a permutation that keeps what must stay."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.catalogue import Product
from clicks.facts import Listed
from decisions.ranking import STRATEGIES, kept_order, order_by
from decisions.taste import DUST
from visitors.interests import HALF_LIFE_S, LANDMARK, growth
from visitors.profile import Profile

NOW = 1_800_000_000.0


def liking(*, age: float = 0.0, **categories: float) -> Profile:
    scores = {name: score * growth(NOW - age) for name, score in categories.items()}
    return Profile(id="jose", categories=scores)


CATALOGUE = {
    "h1": Product("h1", categories=("music", "hiphop"), popularity=1.0),
    "h2": Product("h2", categories=("music", "hiphop"), popularity=9.0),
    "r1": Product("r1", categories=("music", "rock"), popularity=5.0),
    "r2": Product("r2", categories=("music", "rock"), popularity=3.0),
    "j1": Product("j1", categories=("music", "jazz")),
    "hx": Product("hx", categories=("music", "hiphop"), sold_out=True, popularity=99.0),
}
HIP_HOP = liking(hiphop=5.0, music=5.0)


def ids(names: str) -> list[Listed]:
    return [Listed(None if name == "?" else name) for name in names.split()]


def shown(items: Sequence[Listed], order: Sequence[int]) -> str:
    return " ".join(items[i].id or "?" for i in order)


SEEN = HIP_HOP._replace(products={"h1": growth(NOW)})
UNLISTED = HIP_HOP._replace(products={"zz": 7.0 * growth(NOW)})
BY_TOPIC = HIP_HOP._replace(topics={"zz": ("music", "hiphop")})
OWNED = SEEN._replace(bought={"h1": NOW})

TABLE = [
    ("a record never seen of a liked genre moves up", "affinity", HIP_HOP, "r1 j1 h1 h2", (), "h1 h2 r1 j1"),
    ("ties keep the shop's order", "affinity", HIP_HOP, "h2 h1 r2 r1", (), "h2 h1 r2 r1"),
    ("a pinned position keeps its item", "affinity", HIP_HOP, "r1 j1 h1", (1,), "r1 h1 j1"),
    ("pins beyond the list are nothing", "affinity", HIP_HOP, "r1 h1", (9,), "h1 r1"),
    ("unknown items keep their place", "affinity", HIP_HOP, "r1 ? zz h1", (), "h1 ? zz r1"),
    ("an item opened before is liked itself", "affinity", SEEN, "r1 h2 h1", (), "h1 h2 r1"),
    ("an owned one sinks behind its genre", "affinity", OWNED, "h1 r1 h2", (), "h2 h1 r1"),
    ("not in the catalogue, but liked itself", "affinity", UNLISTED, "r1 zz", (), "zz r1"),
    ("not in the catalogue, but its topics are known", "affinity", BY_TOPIC, "r1 zz", (), "zz r1"),
    ("sold out never moves up", "affinity", HIP_HOP, "r1 hx h1", (), "h1 hx r1"),
    ("sold out may move down", "affinity", liking(rock=3.0), "hx r1 r2", (), "r1 r2 hx"),
    ("nothing is known", "affinity", None, "r1 h1", (), "r1 h1"),
    ("nothing is liked", "affinity", Profile(id="x"), "r1 h1", (), "r1 h1"),
    ("interest fades to nothing", "affinity", liking(hiphop=5.0, age=20 * HALF_LIFE_S), "r1 h1", (), "r1 h1"),
    ("what all share moves nothing", "affinity", liking(music=50.0), "r1 h1 j1", (), "r1 h1 j1"),
    ("liked and not seen first", "new_for_you", SEEN, "h1 r1 h2", (), "h2 r1 h1"),
    ("in the cart is seen", "new_for_you", HIP_HOP._replace(cart={"h2": 1}), "r1 h2 h1", (), "h1 r1 h2"),
    ("popular needs nobody", "popular", None, "h1 r1 h2", (), "h2 r1 h1"),
    ("popular, sold out, unknown", "popular", None, "h1 hx ? h2", (), "h2 hx ? h1"),
    ("an empty list", "popular", None, "", (), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "profile", "items", "pin", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_order(by: str, profile: Profile | None, items: str, pin: tuple[int, ...], expected: str) -> None:
    listed = ids(items)
    assert shown(listed, order_by(by, listed, profile, CATALOGUE, NOW, pin)) == expected


@pytest.mark.parametrize(
    ("name", "items", "before", "pin", "expected"),
    [
        ("as before", "a b c d", "d c b a", (), "d c b a"),
        ("a new one stands where the shop put it", "a new b c", "c b a", (), "c new b a"),
        ("one is gone", "a b d", "d c b a", (), "d b a"),
        ("a pin keeps its item", "a b c", "c b a", (1,), "a c b"),
        ("unknown ids stay", "a ? b", "b a", (), "b ? a"),
        ("the same twice", "a b a c", "c a b a", (), "c a b a"),
        ("nothing in common", "a b", "x y", (), "a b"),
    ],
)
def test_kept_order(name: str, items: str, before: str, pin: tuple[int, ...], expected: str) -> None:
    listed = ids(items)
    assert shown(listed, kept_order(listed, before.split(), {}, frozenset(pin))) == expected


names = st.sampled_from([*CATALOGUE, "zz", "yy", None])
scores = st.dictionaries(
    st.sampled_from([*CATALOGUE, "zz", "hiphop", "rock", "music"]),
    st.builds(lambda score, at: score * growth(at), st.floats(0, 1e6), st.floats(NOW - 1e8, NOW + 1e5)),
)
profiles = st.none() | st.builds(
    lambda **fields: Profile(**fields),
    id=st.just("x"),
    products=scores,
    categories=scores,
    bought=st.dictionaries(st.sampled_from([*CATALOGUE]), st.just(NOW)),
    cart=st.dictionaries(st.sampled_from([*CATALOGUE]), st.just(1)),
)


@given(
    by=st.sampled_from(sorted(STRATEGIES)),
    items=st.lists(names, max_size=40).map(lambda found: [Listed(i) for i in found]),
    profile=profiles,
    pin=st.frozensets(st.integers(1, 45), max_size=4),
)
def test_any_profile_gives_a_permutation_that_keeps_what_must_stay(
    by: str, items: list[Listed], profile: Profile | None, pin: frozenset[int]
) -> None:
    order = order_by(by, items, profile, CATALOGUE, NOW, pin)
    assert sorted(order) == list(range(len(items)))
    for position, source in enumerate(order):
        if position + 1 in pin or items[position].id is None:
            assert source == position
        product = CATALOGUE.get(items[source].id or "")
        if product is not None and product.sold_out:
            assert position >= source


# Whole half-lives and few digits: what has faded is exact, so that equal scores are equal in both ways of telling.
faded = st.dictionaries(
    st.sampled_from([*CATALOGUE, "hiphop", "rock", "music"]), st.tuples(st.integers(0, 64), st.integers(0, 12))
)


@given(
    items=st.lists(st.sampled_from([*CATALOGUE]), max_size=12),
    products=faded,
    categories=faded,
    half_lives=st.integers(0, 900),
)
def test_the_order_is_that_of_scores_faded_one_by_one(
    items: list[str],
    products: dict[str, tuple[int, int]],
    categories: dict[str, tuple[int, int]],
    half_lives: int,
) -> None:
    now = LANDMARK + half_lives * HALF_LIFE_S

    def interests(told: dict[str, tuple[int, int]]) -> dict[str, float]:
        return {name: score * growth(now - age * HALF_LIFE_S) for name, (score, age) in told.items()}

    def left(told: dict[str, tuple[int, int]], name: str) -> float:
        score, age = told.get(name, (0, 0))
        return score / 2**age if score / 2**age >= DUST else 0.0

    def score(item: str) -> float:
        return left(products, item) + sum(left(categories, category) for category in CATALOGUE[item].categories)

    catalogue = {name: replace(product, sold_out=False) for name, product in CATALOGUE.items()}
    profile = Profile("x", products=interests(products), categories=interests(categories))
    order = order_by("affinity", [Listed(item) for item in items], profile, catalogue, now)
    assert order == tuple(sorted(range(len(items)), key=lambda at: -score(items[at])))


@given(items=st.lists(names, max_size=30), before=st.lists(st.sampled_from([*CATALOGUE, "zz", "gone"]), max_size=30))
def test_an_order_kept_is_a_permutation_and_stays_when_kept_again(items: list[str | None], before: list[str]) -> None:
    order = kept_order([Listed(i) for i in items], before, {})
    assert sorted(order) == list(range(len(items)))
    again = [Listed(i) for i in dict.fromkeys(items[i] for i in order)]
    kept = [again[i] for i in kept_order(again, before, {})]
    assert [kept[i] for i in kept_order(kept, before, {})] == kept


@pytest.mark.parametrize("by", STRATEGIES)
def test_one_list_with_other_pins_is_another_list(by: str) -> None:
    items = tuple(ids("r1 h1 ? j1 h2 r2 hx"))
    for pin in [frozenset[int](), frozenset({1}), frozenset({2, 4}), frozenset({1}), frozenset[int]()]:
        kept = order_by(by, items, HIP_HOP, CATALOGUE, NOW, pin)
        assert kept == order_by(by, list(items), HIP_HOP, CATALOGUE, NOW, pin)
        assert all(kept[place - 1] == place - 1 for place in pin)


@pytest.mark.parametrize("by", ["affinity", "new_for_you"])
@pytest.mark.parametrize("is_known", [True, False], ids=["of the catalogue", "of topics"])
def test_equal_interest_is_a_tie_whatever_the_categories_are_called(by: str, is_known: bool) -> None:
    """Sums of floats depend on their order, and sets of names on the process."""
    for attempt in range(40):
        left, right = ([f"{side}{attempt}{place}" for place in range(5)] for side in "lr")
        scores = (0.1, 0.2, 0.3, 0.7, 1.1)
        interest = dict(zip([*left, *reversed(right)], scores * 2, strict=True))
        catalogue = {name: Product(name, categories=tuple(of)) for name, of in (("a", left), ("b", right))}
        profile = liking(**interest)
        if not is_known:
            profile = profile._replace(topics={"a": tuple(left), "b": tuple(right)})
            catalogue = {name: Product(name) for name in catalogue}
        for items in ("a b", "b a"):
            assert order_by(by, ids(items), profile, catalogue, NOW) == (0, 1), attempt
