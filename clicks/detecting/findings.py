"""What was found, part by part and with how sure it is, in words for the operator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clicks.detecting.addresses import AddressRule
from clicks.detecting.consent_banners import Banner
from clicks.detecting.form_rules import written
from clicks.detecting.lists import LearntList
from clicks.detecting.product_page import ProductPages
from config.platform import Platform


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was found (or not: confidence 0), in words for the operator."""

    name: str
    found: str
    confidence: float


def findings(
    address: AddressRule | None,
    of_product: ProductPages | None,
    lists: Sequence[LearntList],
    platform: Platform,
    greeting: tuple[str, str] | None,
    banner: Banner | None,
    listed: Mapping[str, tuple[str, str]],
) -> list[Part]:
    parts = []
    for found in lists:
        words = f"{found.rule.items}: {found.blocks} blocks on {', '.join(found.kinds)} pages"
        parts.append(Part(f"list {found.rule.name}", words, found.confidence))
    if address is not None and listed:
        words = address.path or "by the page itself"
        parts.append(Part("product address", words, round(address.cover * (1 - min(1.0, address.false)), 2)))
    if of_product is not None:
        parts.append(
            Part(
                "product page",
                f"{of_product.rule.name_css}, {of_product.rule.price_css or 'no price'}",
                of_product.priced,
            )
        )
    for name, rule in (
        ("login", platform.login),
        ("register", platform.register),
        ("add to cart", platform.add_to_cart),
        ("newsletter", platform.newsletter),
    ):
        places = [place for place in rule.at if not place.path.startswith("/**")] if rule is not None else []
        usual = "not seen; the usual calls" if rule is not None else "not seen"
        parts.append(Part(name, ", ".join(map(written, places)) or usual, 0.9 if places else 0.0))
    for name in ("search", "cart", "category"):
        places = [place for place in platform.kinds.get(name, ()) if not place.path.startswith("/**")]
        parts.append(Part(name, ", ".join(map(written, places)) or "not seen", 0.9 if places else 0.0))
    logout = [place for place in platform.logout if not place.path.startswith("/**")]
    parts.append(Part("logout", ", ".join(map(written, logout)) or "the usual places", 0.8))
    if greeting is not None:
        parts.append(Part("greeting", f"{greeting[0]} ({greeting[1]})", 0.75 if greeting[0] == "body" else 0.9))
    parts.append(
        Part("consent banner", f"{banner.name} ({banner.cookie})" if banner else "none known", 0.9 if banner else 0.0)
    )
    return parts
