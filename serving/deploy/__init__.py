"""Deployment files: images, configs, manifests, alerts.

`python -m serving.deploy --output DIR` renders everything from one values
file, so that a port, a name or a limit is written once. rendered_files.py
lists what comes out.
"""
