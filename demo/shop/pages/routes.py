"""Which address is which page. An address that is not here is a 404."""

from collections.abc import Callable

from demo.shop.pages import account, admin, cart, checkout, home, information, listing, product
from demo.shop.visit import Html, Reply, Visit


def index(visit: Visit) -> Html:
    """`index.php`: a category when there is a `cPath`, else the home page."""
    return listing.category(visit) if visit.query.get("cPath") else home.home(visit)


ROUTES: dict[str, Callable[[Visit], Reply]] = {
    "": index,
    "index.php": index,
    "product_info.php": product.product,
    "products_new.php": listing.products_new,
    "specials.php": listing.specials,
    "advanced_search.php": listing.search_form,
    "advanced_search_result.php": listing.search_result,
    "shopping_cart.php": cart.shopping_cart,
    "login.php": account.login,
    "logoff.php": account.logoff,
    "password_forgotten.php": account.password_forgotten,
    "create_account.php": account.create_account,
    "create_account_success.php": account.create_account_success,
    "account.php": account.account,
    "account_edit.php": account.account_edit,
    "account_history_info.php": account.account_history_info,
    "checkout_shipping.php": checkout.shipping,
    "checkout_payment.php": checkout.payment,
    "checkout_confirmation.php": checkout.confirmation,
    "checkout_process.php": checkout.process,
    "checkout_success.php": checkout.success,
    "newsletter.php": information.newsletter,
    "shipping.php": information.shipping_info,
    "privacy.php": information.privacy,
    "conditions.php": information.conditions,
    "about.php": information.about,
    "contact_us.php": information.contact,
    "cookie_policy.php": information.cookie_policy,
    "admin/": admin.admin_login,
    "admin/index.php": admin.admin_login,
    "admin/login.php": admin.admin_login,
    "admin/logoff.php": admin.admin_logoff,
    "admin/orders.php": admin.admin_orders,
}
