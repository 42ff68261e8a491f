"""Names of files inside artifacts that more than one stage opens."""

CATALOG_FILE = "catalog.parquet"  # of a Catalog
VECTORS_FILE = "item_vectors.parquet"  # of ItemVectors
SERVING_VALIDATION_FILE = "serving_validation.json"  # of an InfraBlessing

# Beside a pushed model, in TF Serving's folder for what is not in the graph.
PUSHED_CATALOG_FILE = f"assets.extra/{CATALOG_FILE}"
WARM_UP_FILE = "assets.extra/tf_serving_warmup_requests"
