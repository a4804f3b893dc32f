"""Electrónica: records 45 to 52."""

from demo.shop.genres import ELECTRONICA
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        45, ELECTRONICA, "Autovía del Mediterráneo", "Neón Benidorm", 1986, "Circuito Cerrado", 1695,
        "Sintetizadores, palmeras y kilómetros. La banda sonora de un descapotable que nunca tuvimos.",
        "Peaje | Autovía del Mediterráneo | Neón | Hotel Cabana | Sol de plástico | Salida 65 | Retrovisor",
        sold=220,
    ),
    record(
        46, ELECTRONICA, "Oscilador de pueblo", "Doctor Cables", 1979, "Circuito Cerrado", 1895,
        "Un maestro de escuela de Teruel, un oscilador casero y la paciencia de un invierno largo.",
        "Onda cuadrada | Onda diente de sierra | Oscilador de pueblo | Campanario (filtro) | Nevada | Recreo",
        sold=66,
    ),
    record(
        47, ELECTRONICA, "Señal / Ruido", "Ñ-1", 2003, "Laboratorio Sur", 1495,
        "Minimalismo de Granada: un bombo, un clic y el espacio que hay entre los dos.",
        "Portadora | Señal | Ruido | Umbral | Deriva | Señal / Ruido | 50 hercios",
        sold=48, special=1095,
    ),
    record(
        48, ELECTRONICA, "Amanece en la rave", "Luz de Arcén", 1993, "Pista Norte", 1395,
        "Carretera, aparcamiento y bombo. Un disco para las siete y media de la mañana.",
        "Aparcamiento | Ruta | Amanece | Agua, por favor | Bajada suave | Vuelta a casa",
        sold=112,
    ),
    record(
        49, ELECTRONICA, "Jardín de transistores", "Flora Modular", 2008, "Laboratorio Sur", 1795,
        "Plantas conectadas a un sintetizador modular. Las hortensias firman el mejor solo.",
        "Semilla | Clorofila | Jardín de transistores | Hortensia en re | Riego por goteo | Poda | Invernadero",
        novelty=19, sold=136,
    ),
    record(
        50, ELECTRONICA, "Casa de la playa", "Verano Útil", 2006, "Pista Norte", 1495,
        "House de chiringuito: guitarra española, coros de azúcar y un bajo que huele a crema solar.",
        "Toalla | Casa de la playa | Chanclas | Horchata | Bandera verde | Duna | Septiembre",
        sold=144,
    ),
    record(
        51, ELECTRONICA, "Robot de misa de doce", "Autómata García", 1982, "Circuito Cerrado", 1595,
        "Vocoder, palmas sintéticas y un robot con mantilla. Rareza codiciada por coleccionistas.",
        "Robot de misa de doce | Incensario | Palmas 808 | Procesión mecánica | Campana FM | Amén",
        stock=0, sold=91,
    ),
    record(
        52, ELECTRONICA, "Cartografía del sueño", "Inés Aurora", 2001, "Laboratorio Sur", 1395,
        "Ambient para dormir con la radio puesta. Grabaciones de campo de ocho estaciones de tren.",
        "Andén 1 | Vía muerta | Cartografía del sueño | Próxima parada | Niebla baja | Litera | Llegada",
        special=995, sold=59,
    ),
)
