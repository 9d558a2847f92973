"""The search for a place: by name or code, in the header of every page and on its own."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from registry.fleet import queries
from registry.fleet.models import Site
from registry.territory.queries import Place
from registry.territory.queries import search as search_places
from registry.web.access import current_session, needs

SHOWN = 12
FEWEST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the answer: a name, what it is, where it is, and where it leads."""

    name: str
    kind: str
    code: str
    place: str
    former: str
    link: str


def add(bp: Blueprint) -> None:
    """Add the search to the pages of the fleet."""

    @bp.get("/search/sites")
    @needs("fleet.edit")
    def choose_sites() -> str:
        """Offer the sites that a name or code finds, or add the chosen one to those of a form."""
        typed, listed = request.args.get("q", "").strip(), request.args.get("sites", "").split()
        if chosen := request.args.get("add", ""):
            sites = " ".join(dict.fromkeys([*listed, chosen]))
            return render_template("fleet/_sites.html", sites=sites, chosen=chosen)
        short = len(typed) < FEWEST_LETTERS
        found = [] if short else _sites(typed)
        return render_template("fleet/_choices.html", typed=typed, sites=found, short=short)

    @bp.get("/search")
    @needs("sites.read")
    def search() -> str:
        """Show what a name or code finds; for the header's field, the list alone."""
        typed = request.args.get("q", "").strip()
        short = len(typed) < FEWEST_LETTERS
        found = [] if short else _found(typed)
        name = "_found" if request.headers.get("HX-Request") else "search"
        return render_template(f"fleet/{name}.html", typed=typed, found=found, short=short)


def _found(typed: str) -> list[Found]:
    session = current_session()
    sites = queries.search_sites(session, typed, limit=SHOWN)
    places = search_places(session, typed, limit=SHOWN)
    # A code is looked for on its own: what carries it stands on top.
    lines = [_site(site) for site in sites] + [_place(place) for place in places]
    exact = [line for line in lines if typed.upper() in {line.code, line.name.upper()}]
    return [*exact, *(line for line in lines if line not in exact)][:SHOWN]


def _sites(typed: str) -> list[Site]:
    """Find sites by their own name or code, then those of the communes that it finds."""
    session = current_session()
    named = queries.search_sites(session, typed, limit=SHOWN)
    places = search_places(session, typed, limit=SHOWN)
    wanted = list(dict.fromkeys(place.insee for place in places))
    there = sorted(queries.sites_in(session, wanted), key=lambda site: wanted.index(site.insee))
    return list(dict.fromkeys([*named, *there]))[:SHOWN]


def _site(site: Site) -> Found:
    where = f"{site.commune.name} ({site.commune.department.name})"
    link = url_for("monitoring.show_site", public_id=site.public_id)
    return Found(site.name, str(site.kind), site.public_id, where, "", link)


def _place(place: Place) -> Found:
    where = place.department
    if place.kind != "commune":
        where = f"{place.commune} ({place.department})" if place.commune else ""
    link = url_for("monitoring.list_sites", q=place.commune or place.name)
    kind = "lycee" if place.kind == "school" else place.kind
    return Found(place.name, kind, place.code, where, place.former, link)
