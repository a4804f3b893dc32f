"""What the shop says when it does not have a page or a record."""

from demo.shop.visit import Html, Visit


def missing(visit: Visit) -> Html:
    """The 404 page."""
    return Html(
        "No encontrado",
        f"""<h1>&iexcl;Vaya, la aguja ha saltado!</h1>
<p class="nothing"><img src="images/vinyl.svg" width="120" height="120" alt="" align="left" hspace="14" />No encontramos lo que busca: puede que el disco se haya vendido o que la direcci&oacute;n est&eacute; mal escrita.</p>
<p><a href="{visit.href("index.php")}" class="button">Volver al inicio</a></p>""",
        (("No encontrado", visit.href("index.php")),),
        status=404,
    )
