"""The titles of the gateway in memory, by category."""

HOSTILE_TITLE = "<img src=x onerror=alert(1)>"
TITLES = {
    "Crime": (
        "Heat (1995)",
        "Fargo (1996)",
        "Godfather, The (1972)",
        "Usual Suspects, The (1995)",
        "Goodfellas (1990)",
        "Taxi Driver (1976)",
        "L.A. Confidential (1997)",
        "Memento (2000)",
    ),
    "Animation": (
        "Toy Story (1995)",
        "Spirited Away (Sen to Chihiro no kamikakushi) (2001)",
        "WALL·E (2008)",
        "Up (2009)",
        "Incredibles, The (2004)",
        "Iron Giant, The (1999)",
    ),
    "Sci-Fi": (
        "Matrix, The (1999)",
        "Alien (1979)",
        "Blade Runner (1982)",
        "Solaris (Solyaris) (1972)",
        "Arrival (2016)",
        "2001: A Space Odyssey (1968)",
        "Eternal Sunshine of the Spotless Mind (2004)",
        HOSTILE_TITLE,
    ),
    "Comedy": (
        "Groundhog Day (1993)",
        "Monty Python and the Holy Grail (1975)",
        "Big Lebowski, The (1998)",
        "Some Like It Hot (1959)",
        "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
        "Airplane! (1980)",
    ),
}
IMAGES = {"Alien (1979)": "/web/icon.svg"}
