"""Jazz: records 24 to 33."""

from demo.shop.genres import JAZZ
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        24, JAZZ, "Medianoche en Lavapiés", "Cuarteto Almendro", 1962, "Nota Negra", 2195,
        "Hard bop castizo: el saxo de Ramón Almendro pide otra ronda y la batería se la sirve.",
        "Medianoche en Lavapiés | Churros y café | Cuesta abajo | La gata de Tribulete | "
        "Balada del sereno | Última ronda",
        sold=231,
    ),
    record(
        25, JAZZ, "Azul de prisa", "Nuria Vals Trío", 1959, "Nota Negra", 2395,
        "Piano, contrabajo y escobillas. Una sola tarde de estudio, sin repetir ninguna toma.",
        "Azul de prisa | Vals de Nuria | Tranvía 47 | Llueve en Gracia | Escobillas | "
        "Buenas noches, Señor Puig",
        sold=190,
    ),
    record(
        26, JAZZ, "Contrabajo & familia", "Eusebio Grave", 1967, "Discos Velador", 1795,
        "Cuatro contrabajos y ninguna vergüenza. El disco más grave del catálogo, y el más divertido.",
        "Papá oso | Escalera de servicio | Cuatro cuerdas | El pequeño | Sobremesa | Siesta en do",
        sold=52,
    ),
    record(
        27, JAZZ, "Trompeta de invierno", "Íñigo Larrea", 1971, "Nota Negra", 1995,
        "Sordina, niebla y puerto: el trompetista de Getxo toca para los barcos que no han vuelto.",
        "Niebla | Trompeta de invierno | Faro apagado | Galerna | Lonja | Vuelta a puerto",
        novelty=15, sold=108,
    ),
    record(
        28, JAZZ, "Swing de la Gran Vía", "Orquesta Capitol", 1948, "Discos Velador", 1695,
        "Rescatado de discos de pizarra: dieciocho músicos con esmoquin y un cantante con brillantina.",
        "Luces de la Gran Vía | Brillantina | Taxi, por favor | Foxtrot del botones | Claqué | "
        "El último metro | Apaga y vámonos",
        sold=84, special=1295,
    ),
    record(
        29, JAZZ, "Geometría", "Sexteto Paralelo", 1965, "Nota Negra", 2095,
        "Vanguardia barcelonesa: composiciones para círculo, triángulo y batería.",
        "Punto | Línea | Triángulo isósceles | Círculo | Elipse | Geometría",
        sold=67,
    ),
    record(
        30, JAZZ, "Humo", "Blanca Oteiza", 1957, "Discos Velador", 1895,
        "La voz que apagaba los cigarrillos. Baladas lentas con orquesta de cuerda y mala intención.",
        "Humo | Dame fuego | Cenicero de cristal | Tú, yo y la lluvia | No me esperes | Luz de gas",
        sold=176,
    ),
    record(
        31, JAZZ, "Solo para Mónica", "Teo Marín", 1978, "Teclas Sueltas", 1595,
        "Piano solo, luces apagadas y una dedicatoria que nadie ha sabido explicar.",
        "Solo para Mónica | Mano izquierda | Carta sin sello | Vals cojo | Domingo | Para nadie más",
        stock=3, sold=49,
    ),
    record(
        32, JAZZ, "Brisa del Cantábrico", "Quinteto Marejada", 2008, "Teclas Sueltas", 1695,
        "Jazz de ahora con aire de siempre. Vibráfono, saxo alto y un acordeón que se coló en la sesión.",
        "Marejadilla | Brisa | Bajamar | El Sardinero | Percebe | Viento sur | Galernazo",
        novelty=7, sold=93,
    ),
    record(
        33, JAZZ, "El saxofón ilustrado", "Bernabé Rojo", 1969, "Nota Negra", 1795,
        "Soul jazz de órgano y pandereta. La portada es tan bonita que hay quien la enmarca.",
        "El saxofón ilustrado | Órgano y tentetieso | Pandereta | Sopa de letras | Señor Rojo | Punto final",
        special=1395, sold=71,
    ),
)
