"""The lake as one HTML file to read: data for the front end in `templates/docs/site`, and the page around it."""

from generator.render.site.data import RunData, site_data
from generator.render.site.page import render_site

__all__ = ["RunData", "render_site", "site_data"]
