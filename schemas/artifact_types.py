"""TFX artifact types of our own. Imports TFX: never import from `serving/`.

Kubeflow takes type names of the form `namespace.Name` only.
"""

from tfx.types.artifact import Artifact
from tfx.types.system_artifacts import Dataset


class Catalog(Artifact):
    """All items that can be recommended.

        <uri>/catalog.parquet

    Columns, sorted by the unique `item_id`: item_id string, title string,
    description string, categories list<string>, price float32 or null,
    created_at int64 seconds or null, scenario string; entity_id and image_url
    strings where mapped; and the mapped vector columns as list<float32>. The
    file's metadata holds `rating_scale`, where the data has ratings: see
    schemas/rating_scale.py. The span is a custom property: for a custom type,
    Kubeflow accepts no other kind of property.
    """

    TYPE_NAME = "schemas.Catalog"
    TYPE_ANNOTATION = Dataset


class Rejects(Artifact):
    """Every input row that could not be used, with its reason.

    <uri>/rejects.jsonl   table, file, line, reason, row
    <uri>/counts.json     {table: {read, used, rejected: {reason: n},
                                   warnings: {reason: n},
                                   faults: {reason: sentence}}}

    A warning counts cells that could not be read: they are empty, and their
    rows are used. A fault tells of both where the first one is, its value, and
    what helps. Neither key is there where there is none. Rows that are
    neither used nor rejected are counted beside `read`: replaced, marks,
    ignored, duplicates.
    """

    TYPE_NAME = "schemas.Rejects"
    TYPE_ANNOTATION = Dataset


class ItemVectors(Artifact):
    """Text vectors of the catalogue, in catalogue order.

    <uri>/item_vectors.parquet   item_id string,
                                 vector fixed_size_list<float32>[T]
    <uri>/backbone.json          preset, fingerprint, width T
    """

    TYPE_NAME = "schemas.ItemVectors"
    TYPE_ANNOTATION = Dataset


class BehaviorReport(Artifact):
    """What BehaviorValidator found.

    <uri>/report.html   self-contained page
    <uri>/report.json   {check: {count, share, threshold, action, ok}}
    """

    TYPE_NAME = "schemas.BehaviorReport"
