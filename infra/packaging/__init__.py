"""Makes what is deployed: `dist/helpdesk.zip` and `dist/template.yaml`, the same bytes from the same sources.

`chalice package` is run on a clean copy of the sources, so neither its cache in `.chalice/deployments` nor a stray
`__pycache__` can reach the package. What it leaves is then checked, trimmed, byte-compiled and zipped anew, because
Chalice has a setting for none of these. The order is read in `build.py`.
"""
