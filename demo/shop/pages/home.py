"""The home page: the month's novelties as blocks and the ranking."""

from demo.shop.boxes import cells
from demo.shop.catalogue import BESTSELLERS, NOVELTIES
from demo.shop.markup import price, text
from demo.shop.visit import Html, Visit


def home(visit: Visit) -> Html:
    """Banner, novelties, bestsellers."""
    ranking = "\n".join(
        f'<li><a href="{visit.href("product_info.php", products_id=record.id)}"><b>{text(record.artist)}</b>, '
        f"<i>{text(record.title)}</i></a> {price(record)}"
        for record in BESTSELLERS
    )
    return Html(
        "Inicio",
        f"""<a href="{visit.href("products_new.php")}"><img src="images/hero.svg" width="596" height="196" border="0" alt="Oto&ntilde;o de vinilo" class="hero" /></a>
<p class="lead">Entre, p&oacute;ngase c&oacute;modo y baje la aguja. Aqu&iacute; no hay listas de &eacute;xitos: hay <b>discos con historia</b>, limpiados a mano, escuchados enteros y enviados en caja r&iacute;gida a toda Espa&ntilde;a.</p>
<h2 class="ribbon">Novedades de noviembre</h2>
<div id="newProducts">
{cells(visit, NOVELTIES)}</div>
<br clear="all" />
<h2 class="ribbon">Los m&aacute;s vendidos</h2>
<ol class="ranking" id="ranking">
{ranking}
</ol>""",
    )
