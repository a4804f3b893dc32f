"""The six genres, in the order of the menu. Their ids are public (`index.php?cPath=N`) and never change."""

from demo.shop.record import Genre

HIP_HOP = Genre(1, "hip-hop", "Hip hop", "Rimas de barrio, cajas gordas y agujas gastadas.")
FLAMENCO = Genre(2, "flamenco", "Flamenco", "Cante, toque y compás, de la fragua al tablao.")
JAZZ = Genre(3, "jazz", "Jazz", "Noches de humo azul grabadas en una sola toma.")
ROCK = Genre(4, "rock", "Rock", "Válvulas calientes, furgonetas y estribillos a voces.")
ELECTRONICA = Genre(5, "electronica", "Electrónica", "Cajas de ritmos, cables y amaneceres en la costa.")
BOLERO_Y_SALSA = Genre(6, "bolero-y-salsa", "Bolero y salsa", "Para bailar despacito o hasta que salga el sol.")

GENRES: tuple[Genre, ...] = (HIP_HOP, FLAMENCO, JAZZ, ROCK, ELECTRONICA, BOLERO_Y_SALSA)
