"""Serves stylesheets and scripts out of the installed wheels, cached for good by their digest."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from flask import Blueprint, Response, abort, request, url_for
from markupsafe import Markup

SOURCES = {
    "bootstrap.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css", "text/css"),
    "vigiparc.css": ("registry.web", "static/vigiparc.css", "text/css"),
    "icon.svg": ("registry.web", "static/icon.svg", "image/svg+xml"),
    "kept.js": ("registry.web", "static/kept.js", "text/javascript"),
    "htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js", "text/javascript"),
}
ICONS = ("flask_bootstrap", "static/bootstrap5/icons/bootstrap-icons.svg")
USED_ICONS = ("wrench", "shield-check")
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, its digest and its packed form, read once when the application starts."""

    raw: bytes
    packed: bytes
    digest: str
    mimetype: str


class Assets:
    """The files that pages link to, and the icons that are drawn inside them."""

    def __init__(self) -> None:
        """Read every file and every icon from the installed packages."""
        self._files = {name: _read(*source) for name, source in SOURCES.items()}
        self._icons = _read_icons()

    def url(self, name: str) -> str:
        """Return the address of a file; it changes when the file does."""
        return url_for("assets.serve", digest=self._files[name].digest, name=name)

    def icon(self, name: str) -> Markup:
        """Return one of Bootstrap's icons as inline SVG, decorative to a screen reader."""
        return self._icons[name]

    def serve(self, digest: str, name: str) -> Response:
        """Answer with a file, packed for whoever can unpack it."""
        asset = self._files.get(name) or abort(404)
        packed = request.accept_encodings["gzip"] > 0
        response = Response(asset.packed if packed else asset.raw, mimetype=asset.mimetype)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        # An old page may still ask for a digest of before an upgrade: it gets the
        # new file, but must not remember it under the old name.
        response.headers["Cache-Control"] = FOR_GOOD if digest == asset.digest else "no-cache"
        return response

    def blueprint(self) -> Blueprint:
        """Return the blueprint that serves these files."""
        blueprint = Blueprint("assets", __name__)
        blueprint.get("/assets/<digest>/<name>", endpoint="serve")(self.serve)
        return blueprint


def _read(package: str, path: str, mimetype: str) -> Asset:
    raw = files(package).joinpath(path).read_bytes()
    # Bootstrap names a source map that is not served; browsers' tools ask for it.
    raw = re.sub(rb"/\*# sourceMappingURL=\S+ \*/", b"", raw)
    digest = hashlib.sha256(raw).hexdigest()[:12]
    return Asset(raw, gzip.compress(raw, mtime=0), digest, mimetype)


def _read_icons() -> dict[str, Markup]:
    sprite = files(ICONS[0]).joinpath(ICONS[1]).read_text(encoding="utf-8")
    return {name: _cut(sprite, name) for name in USED_ICONS}


def _cut(sprite: str, name: str) -> Markup:
    found = re.search(rf'<symbol[^>]* id="{name}"[^>]*>(.*?)</symbol>', sprite, re.DOTALL)
    if found is None:
        message = f"no icon {name} in {ICONS[1]}"
        raise LookupError(message)
    shapes = found.group(1).strip()
    frame = '<svg class="shape" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">'
    return Markup(f"{frame}{shapes}</svg>")  # noqa: S704 - cut from an installed package
