"""Bolero y salsa: records 53 to 60."""

from demo.shop.genres import BOLERO_Y_SALSA
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        53, BOLERO_Y_SALSA, "Perfume de gardenia triste", "Trío Los Claveles", 1956, "Malecón", 1895,
        "Tres voces, tres guitarras y un requinto que llora con educación.",
        "Gardenia triste | Bésame después | Reloj sin hora | Carta de Puebla | Noche de ronda y media | "
        "Tu retrato",
        sold=162,
    ),
    record(
        54, BOLERO_Y_SALSA, "¡Azúcar & candela!", "La Sonora Mulata", 1974, "Tumbao", 1795,
        "Quince músicos, ocho trompetas y ningún freno. Aparta la mesa antes de ponerlo.",
        "¡Candela! | Azúcar negra | Se formó el rumbón | Timbal y fuego | La vecina baila | "
        "Guaguancó del puerto | Descarga final",
        novelty=17, sold=255,
    ),
    record(
        55, BOLERO_Y_SALSA, "Malecón de noche", "Orquesta Habana Chica", 1961, "Malecón", 1695,
        "Chachachá y mambo frente al mar, con flauta, violines y un cantante que sonríe al cantar.",
        "Malecón de noche | Chachachá del guante | Mambo 13 | Espuma | Sombrero blanco | La ola",
        sold=98,
    ),
    record(
        56, BOLERO_Y_SALSA, "Quiéreme en domingo", "Amparo Luján", 1963, "Malecón", 1595,
        "La valenciana que conquistó México. Boleros de salón con orquesta y abanico.",
        "Quiéreme en domingo | Sábado es tarde | Mentira dulce | Guante de seda | No vuelvas pronto | "
        "Tu silla vacía",
        sold=87, special=1195,
    ),
    record(
        57, BOLERO_Y_SALSA, "Tumbao de la esquina", "Chucho Peñalver", 1979, "Tumbao", 1695,
        "Salsa de barrio, trombones afilados y crónicas de esquina con moraleja.",
        "Tumbao de la esquina | Pedro el navajero bueno | Número premiado | Trombón | La bodega | Moraleja",
        sold=134,
    ),
    record(
        58, BOLERO_Y_SALSA, "Boleros para una señora", "Don Ramiro Osuna", 1959, "Malecón", 1495,
        "La voz de terciopelo de la radio. Se recomienda luz baja y alguien a quien mirar.",
        "Señora mía | Dos copas | Terciopelo | Radio de galena | Secreto a voces | Buenas noches, amor",
        sold=70, stock=2,
    ),
    record(
        59, BOLERO_Y_SALSA, "Conga nueva", "Septeto Ñáñigo", 2008, "Tumbao", 1595,
        "Son de ayer tocado por chavales de hoy: tres, bongó, marímbula y mucha noche.",
        "Conga nueva | Son del aeropuerto | Marímbula | Tres y no más | Café con ron | Bongó de papel | "
        "El chaparrón",
        novelty=6, sold=109,
    ),
    record(
        60, BOLERO_Y_SALSA, "Isla sin ti", "Celeste & El Niño Montuno", 1968, "Tumbao", 1695,
        "A dúo y a media luz: boleros-son que empiezan en despedida y acaban en baile.",
        "Isla sin ti | Palmera | Barco de papel | Montuno de la espera | Ola que va | Vuelve en marzo",
        sold=83, special=1295,
    ),
)
