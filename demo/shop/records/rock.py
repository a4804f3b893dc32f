"""Rock: records 34 to 44."""

from demo.shop.genres import ROCK
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        34, ROCK, "Gasolina y fe", "Los Tigres de Albacete", 1979, "Furgoneta Discos", 1495,
        "Tres acordes y una furgoneta. El disco con el que medio país aprendió a tocar la guitarra.",
        "Gasolina y fe | Nacional 301 | Tigre de bolsillo | Bar de carretera | Rueda pinchada | "
        "Albacete no duerme | Freno de mano",
        sold=265,
    ),
    record(
        35, ROCK, "Planeta verbena", "Orgón", 1973, "Ciclorama", 1995,
        "Psicodelia progresiva de Murcia: mellotron, dulzaina y una suite de diecinueve minutos sobre una "
        "feria.",
        "Noria | Tiro al pichón | Planeta verbena (partes I–V) | Algodón de azúcar | La casa del terror",
        sold=118,
    ),
    record(
        36, ROCK, "Amplificador", "Ana Voltios", 1984, "Furgoneta Discos", 1395,
        "La guitarra más ruidosa de Gijón. Todo al once, incluida la balada.",
        "Amplificador | Enchufe | Corriente alterna | No me bajes | Fusible | Balada (al once) | Apagón",
        special=995, sold=147,
    ),
    record(
        37, ROCK, "Moto, luna y carretera", "Los Fugados", 1976, "Polvo & Asfalto", 1595,
        "Rock sureño, pero del sur de aquí: Despeñaperros, un motel y una luna enorme.",
        "Despeñaperros | Moto | Luna | Carretera | Motel El Cruce | Polvo rojo | Amanecer en Bailén",
        novelty=21, sold=159,
    ),
    record(
        38, ROCK, "Uñas negras", "Sacristía", 1986, "Ciclorama", 1495,
        "Oscuridad de provincias: bajo con eco, laca y misa de doce.",
        "Uñas negras | Confesionario | Laca | Cirio | Niebla en el coro | Domingo de ceniza",
        sold=82,
    ),
    record(
        39, ROCK, "Terremoto en la cocina", "Las Cucharas", 2008, "Garaje Sur", 1395,
        "Garaje de fin de semana: dos minutos por canción y platos rotos de verdad en «Vajilla».",
        "Terremoto en la cocina | Vajilla | Sal gorda | Mi ex fríe huevos | Horno | Escurridor | Sobras",
        novelty=11, sold=101,
    ),
    record(
        40, ROCK, "El año de la langosta", "Héroes de Monegros", 1991, "Polvo & Asfalto", 1695,
        "Guitarras como tolvaneras. Grabado en un silo con la reverberación de la casa.",
        "Tolvanera | El año de la langosta | Silo | Tractor | Pozo seco | Rogativa | Lluvia, al fin",
        sold=73,
    ),
    record(
        41, ROCK, "Chispas & Tormentas", "Relámpago", 1982, "Furgoneta Discos", 1595,
        "Rock duro con mallas, doble bombo y melena al viento. Suena mejor con la ventana abierta.",
        "Relámpago | Chispas & tormentas | Acero toledano | Galope | Dama de hierro forjado | Trueno mayor",
        special=1195, sold=94,
    ),
    record(
        42, ROCK, "Domingo en la azotea", "Los Paraguas", 1967, "Ciclorama", 1895,
        "Beat yeyé con armonías de tres voces y una guitarra de doce cuerdas que brilla como el sol.",
        "Domingo en la azotea | Minifalda | Señorita Tocadiscos | Sol de invierno | Ye-yé en la escalera | "
        "Paraguas para dos | Hasta el lunes",
        sold=138,
    ),
    record(
        43, ROCK, "Sótano 2", "Niño Eléctrico", 1995, "Garaje Sur", 1295,
        "Ruido, ternura y un pedal comprado a plazos. El secreto mejor guardado de Vigo.",
        "Rampa | Sótano 2 | Plaza 114 | Fluorescente | Niño eléctrico | Tique perdido | Salida",
        stock=0, sold=39,
    ),
    record(
        44, ROCK, "Corazón de pletina", "Marisol & Los Cassettes", 1988, "Furgoneta Discos", 1395,
        "Pop con nervio: teclados de juguete y un corazón que se rebobina con un boli.",
        "Corazón de pletina | Cara A | Boli azul | Rebobina | Siseo | Cara B | Cinta enredada",
        sold=126,
    ),
)
