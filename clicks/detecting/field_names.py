"""What fields of forms are usually called, in the languages of shops that were looked at."""

import re
from typing import Final

FULL_NAME: Final = re.compile(r"^(?:full_?-?name|name|your_?-?name|display_?-?name|naam|namn)$", re.IGNORECASE)
EMAIL: Final = re.compile(r"mail|e-?post|correo|courriel", re.IGNORECASE)
LOGIN_NAME: Final = re.compile(
    r"user|login|e?-?mail|e-?post|customer|usuario|benutzer|kund(?:e|en)?_?n|correo|log$", re.IGNORECASE
)
FIRST: Final = re.compile(
    r"first_?-?name|fname|given|forename|vorname|nombre|pr[eé]nom|nome$|imi[eę]|f[oö]rnamn|fornavn|voornaam|etunimi|imya|jm[eé]no",
    re.IGNORECASE,
)
LAST: Final = re.compile(
    r"last_?-?name|lname|surname|family|nachname|apellidos?|^nom$|cognome|nazwisko|efternamn|ett?ernavn|efternavn|"
    r"achternaam|sukunimi|familiya|p[rř][ií]jmen[ií]",
    re.IGNORECASE,
)
QUANTITY: Final = re.compile(
    r"quantity|qty|qté|cantidad|anzahl|menge|quantite|quantita|aantal|antal|ilosc|amount|count|^kol(?:ichestvo|-?vo)?$",
    re.IGNORECASE,
)
PRODUCT: Final = re.compile(
    r"(?:^|\[)(?:products?[-_]?id|product|id_product|item[-_]?id|add-to-cart|sku|pid|article|(?:product[-_]?)?variant(?:[-_]?id)?"
    r"|merchandise[-_]?id|product[-_]?(?:code|no|nr)|prod[-_]?id|art(?:ikel)?[-_]?(?:id|nr|no)|artikel|produkt(?:[-_]?id)?"
    r"|produit|prodotto|producto|tovar(?:[-_]?id)?|id[-_]?producto)\]?$",
    re.IGNORECASE,
)
ADDS: Final = re.compile(
    r"add to (?:my )?(?:shopping )?(?:cart|basket|bag|trolley)|in den (?:waren|einkaufs)korb|"
    r"(?:añadir|agregar) (?:al|a la) (?:carrito|cesta)|"
    r"ajouter au panier|aggiungi al carrello|do koszyka|winkel(?:wagen|mand)|в корзину|у кошик|"
    r"varukorg|\bk[öø]p\b|(?:læg|legg) i (?:kurv|handlekurv)|ostoskoriin|sepete ekle|"
    r"(?:adicionar|comprar)|do košíku|kosárba|"
    r"adaugă în coș|buy (?:it )?now|カート|购物车|購物車|장바구니",
    re.IGNORECASE,
)
NEWS: Final = re.compile(r"newsletter|subscri|suscri|abonn|bolet[ií]n|mailing|signup", re.IGNORECASE)
TO_CART: Final = re.compile(
    r"cart|basket|bag|carrito|cesta|warenkorb|panier|carrello|koszyk|add_product|buy", re.IGNORECASE
)
SEARCH: Final = re.compile(r"^(?:q|s|query|search\w*|keywords?|kw|term|w|buscar?|suche|recherche)$", re.IGNORECASE)
