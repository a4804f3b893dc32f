"""Hip hop: records 1 to 12, twelve of them so that the category has a second page."""

from demo.shop.genres import HIP_HOP
from demo.shop.record import Record, record

RECORDS: tuple[Record, ...] = (
    record(
        1, HIP_HOP, "Callejón sin salida", "Los Niños del Patio", 1996, "Discos del Barrio", 1495,
        "El debut de los cuatro de Carabanchel: samples de rumba, bajo de goma y un portero automático que "
        "rima.",
        "Intro: llaman abajo | Callejón sin salida | Pan con aceite | Bonobús | El Ñoño no perdona | "
        "Patio interior | Suena el telefonillo | Buenas noches, barrio",
        sold=212,
    ),
    record(
        2, HIP_HOP, "Ritmo & Rabia", "Maestra Peña", 2001, "Azotea Records", 1595,
        "La primera dama del rap de Sevilla escupe doce verdades sobre cajas secas. Incluye el himno «Señora».",
        "Señora | Ritmo & rabia | A la cola, por favor | Mi abuela rapea mejor | Ni un paso atrás | "
        "Tres turnos | La rabia | El ritmo",
        sold=301, special=1195,
    ),
    record(
        3, HIP_HOP, "Doble cero", "Zeta & Ñandú", 1999, "Discos del Barrio", 1395,
        "Zeta pone la voz, Ñandú las manos. Grabado en un trastero de Vallecas con un cuatro pistas prestado.",
        "Doble cero | Aguja nueva | Cuatro pistas | Ñandú corta el pan | Trastero 14 | Línea uno | "
        "Cinta virgen",
        sold=96,
    ),
    record(
        4, HIP_HOP, "El corral de los MCs", "Varios artistas", 2004, "Azotea Records", 1795,
        "Doble vinilo con dieciséis gallos en el mismo corral. Edición limitada con póster.",
        "Canta el gallo | Tercio de vara | Pienso, luego rimo | Corral cerrado | Gallinas en la cabina | "
        "Quiquiriquí | El granero | Amanece",
        format="2 LP 33 rpm", stock=0, sold=143,
    ),
    record(
        5, HIP_HOP, "Noviembre en el bloque", "Curro Bazán", 2008, "Portal 9", 1695,
        "Lo nuevo de Curro Bazán: lluvia en la ventana, piano de pared y una voz que no tiene prisa.",
        "Portal 9 | Noviembre en el bloque | Paraguas | La vecina del quinto | Calefacción central | "
        "Tendedero | Domingo y fútbol",
        novelty=18, sold=188,
    ),
    record(
        6, HIP_HOP, "Sabor a hormigón", "Doña Bombo", 2008, "Portal 9", 1595,
        "Bombos como puertas blindadas y letras de cocina. Doña Bombo firma su disco más bailable.",
        "Doña Bombo entra | Sabor a hormigón | Sofrito | Ascensor averiado | Cal viva | Olla a presión | "
        "Recreo | Doña Bombo sale",
        novelty=12, sold=120,
    ),
    record(
        7, HIP_HOP, "Los martes no", "Pequeño Atlas", 2006, "Cuarto de Calderas", 1295,
        "Melancolía de extrarradio: bucles de acordeón, un metrónomo cojo y la voz más grave de Zaragoza.",
        "Los lunes tampoco | Los martes no | Mapa mudo | Cierzo | Última parada | Pasillo | Bajo la manta",
        special=995, sold=58,
    ),
    record(
        8, HIP_HOP, "Trabalenguas", "La Niña Sílaba", 2008, "Azotea Records", 1495,
        "Treinta palabras por segundo y ninguna de más. Producción de Ñandú, cuerdas de verdad.",
        "Pablito clavó | Trabalenguas | El cielo está | Tres tristes trenes | La ceda y la zeta | "
        "Coplas del ascensor | Sin aliento",
        novelty=5, sold=167,
    ),
    record(
        9, HIP_HOP, "Plaza de abastos", "Frutería Central", 1998, "Discos del Barrio", 1395,
        "El disco con más fruta por minuto de la historia. Un clásico de los patios de instituto.",
        "Melones a cala | Cuarto y mitad | Plaza de abastos | Báscula | La vez | Barato, barato | "
        "Recogiendo cajas",
        sold=77,
    ),
    record(
        10, HIP_HOP, "Siete vidas de gato", "Gato Montañés", 2003, "Cuarto de Calderas", 1495,
        "Funk de tejado y rimas nocturnas. El saxo de «Medianoche» se grabó de verdad en un tejado.",
        "Medianoche | Siete vidas | Ropa tendida | Perro de nadie | Leche tibia | Uralita | Cae de pie",
        sold=64,
    ),
    record(
        11, HIP_HOP, "Extrarradio FM", "Colectivo Sintonía", 2005, "Portal 9", 1695,
        "Como girar el dial una noche de verano: once emisoras piratas imaginarias y un solo tocadiscos.",
        "Sintonía | Onda corta | Extrarradio FM | Publicidad | El parte | Consultorio | Interferencia | "
        "Carta de ajuste",
        sold=89,
    ),
    record(
        12, HIP_HOP, "Abuela, súbelo", "Kike Cantera", 2007, "Azotea Records", 1395,
        "Fiesta de pueblo con mesa de mezclas: charanga, scratch y petardos. Abuela aprueba.",
        "Pregón | Abuela, súbelo | Charanga | Toro de fuego | Verbena | La orquesta no llega | Churros",
        special=1095, sold=131,
    ),
)
