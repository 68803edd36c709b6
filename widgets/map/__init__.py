"""The live ticket map: a local Leaflet page, clusters computed in Python, only differences pushed."""
