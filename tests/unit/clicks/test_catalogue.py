"""What a page teaches about products."""

from clicks.catalogue import MAX_TAUGHT, taught
from clicks.facts import Listed, PageFacts, ProductFacts
from config.platforms import load_platform

PHOENIX = load_platform("phoenix")


def test_a_product_page() -> None:
    facts = PageFacts(
        "product",
        product=ProductFacts("5", "Noviembre", 1695, ("Hip hop",), "5.svg", sold_out=True),
        lists={"cards": (Listed("5", "Noviembre"), Listed("20", "Cal", 1595, "/p?products_id=20", "20.svg"))},
    )
    assert taught(facts, PHOENIX, "/product_info.php?products_id=5") == (
        ("5", "Noviembre", 1695, ("Hip hop",), "5.svg", True, "/product_info.php?products_id=5"),
        ("20", "Cal", 1595, (), "20.svg", None, "/p?products_id=20"),
    )


def test_a_category_is_told_of_its_own_list_only() -> None:
    facts = PageFacts(
        "category",
        category="Hip hop",
        lists={"cards": (Listed("1", "Ajeno"), Listed("2", "Dos")), "listing": (Listed("2", "Dos"), Listed(None, "?"))},
    )
    assert {row[0]: row[3] for row in taught(facts, PHOENIX)} == {"2": ("Hip hop",), "1": ()}


def test_a_page_teaches_a_bounded_number_of_products() -> None:
    facts = PageFacts("home", lists={"cards": tuple(Listed(str(n)) for n in range(MAX_TAUGHT * 2))})
    assert len(taught(facts, PHOENIX)) == MAX_TAUGHT


def test_a_page_without_products_teaches_nothing() -> None:
    assert taught(PageFacts(), PHOENIX) == ()
