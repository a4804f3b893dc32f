"""Flamenco: records 13 to 23."""

from demo.shop.genres import FLAMENCO
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        13, FLAMENCO, "Agua de aljibe", "Rocío la del Pozo", 1974, "Sello Alameda", 1895,
        "Soleares y seguiriyas grabadas en un patio de Jerez, con su fuente y sus vencejos.",
        "Soleá del brocal | Agua de aljibe | Seguiriya de la fragua | Cubo y soga | Tientos del patio | "
        "Bulerías de la cal",
        sold=174,
    ),
    record(
        14, FLAMENCO, "La fragua dormida", "Tío Candela", 1969, "Sello Alameda", 2195,
        "Martinetes a palo seco. Ni guitarra ni palmas: un yunque, una voz y un silencio que pesa.",
        "Martinete del alba | Toná chica | La fragua dormida | Carcelera | Debla | Martinete de la noche",
        sold=88, stock=2,
    ),
    record(
        15, FLAMENCO, "Guitarra de ciprés", "Paquito Alcázar", 1981, "Discos Guadalquivir", 1795,
        "Diez toques de concierto del maestro de Utrera sobre una guitarra blanca de 1927.",
        "Ciprés (rondeña) | Campanas de Utrera | Zapateado del loco | Taranta honda | Fandango nuevo | "
        "Alegrías de la ría | Farruca",
        sold=203,
    ),
    record(
        16, FLAMENCO, "Lunares", "Carmela & las Niñas de Triana", 1977, "Discos Guadalquivir", 1495,
        "Sevillanas, tangos y rumbas con falda de volantes. Imposible escucharlo sentada.",
        "Lunares blancos | Puente y barca | Tangos del Titi | Mi peineta | Rumba del abanico | "
        "Cuatro sevillanas | Farolillos",
        novelty=20, sold=240,
    ),
    record(
        17, FLAMENCO, "Compás de noche", "Diego Luz", 2008, "Tablao Nuevo", 1695,
        "El bailaor que canta: bulerías modernas con cajón, contrabajo y mucho taconeo.",
        "Compás de noche | Doce tiempos | Tacón | Bulería de la luna | Contrabajo y caña | "
        "Silencio (escobilla) | Cierre",
        novelty=9, sold=115,
    ),
    record(
        18, FLAMENCO, "Romance del azahar", "Lola Marchena & Pepe Vidal", 1965, "Sello Alameda", 1995,
        "Cuplés aflamencados y romances viejos. La orquesta suena como un patio a las cinco de la tarde.",
        "Romance del azahar | Niña de la reja | El emigrante | Zambra gris | Siete claveles | "
        "Pasodoble del adiós",
        special=1495, sold=61,
    ),
    record(
        19, FLAMENCO, "Mineras", "El Cabrero Chico", 1972, "Voz de La Unión", 1795,
        "Cantes de las minas desde abajo: tarantas, cartageneras y mineras con lámpara de carburo.",
        "Minera del pozo | Carburo | Cartagenera grande | Taranta del barrenero | Levantica | Madrugá",
        sold=45,
    ),
    record(
        20, FLAMENCO, "Cal y sombra", "Trío Albahaca", 2002, "Tablao Nuevo", 1595,
        "Guitarra, flauta y cajón: flamenco de siesta, a media voz y con las persianas bajadas.",
        "Persiana | Cal | Sombra | Botijo | Albahaca | Calle de los Suspiros | La fresca",
        sold=72,
    ),
    record(
        21, FLAMENCO, "Rosa de hierro", "Macarena Ríos", 2005, "Tablao Nuevo", 1695,
        "La voz rota de Lebrija con batería y trompeta. Los puristas se enfadaron; los demás bailaron.",
        "Rosa de hierro | Yunque eléctrico | Me duele el compás | Trompeta y pena | Nana de acero | Herrumbre",
        stock=0, sold=152,
    ),
    record(
        22, FLAMENCO, "Puerto de la sal", "Hermanos Bahía", 1979, "Discos Guadalquivir", 1395,
        "Alegrías, cantiñas y mirabrás con olor a salina. Cádiz en treinta y nueve minutos.",
        "Tirititrán | Puerto de la sal | Cantiñas del Pinini | Barquilla | Caletera | Mirabrás | Levante",
        special=1095, sold=99,
    ),
    record(
        23, FLAMENCO, "Abanico roto", "Soledad Ibáñez", 1986, "Sello Alameda", 1595,
        "Coplas de despecho por tangos. Si te ha dejado alguien, este es tu disco.",
        "Abanico roto | Tu nombre no | Mala sombra | Espejo | Te lo dije | Peina mi pelo | Adiós y gracias",
        sold=54,
    ),
)
