"""Puts what befell cameras into a message: a title that says it, then site by site."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from itertools import groupby

from babel.dates import format_datetime

from probes import explain
from probes.verdict import Issue, Reason
from registry.clock import PARIS
from registry.fleet.models import Site
from registry.messages import translator
from registry.monitoring.models import Notice, Transition
from registry.monitoring.queries.notices import Strand, strand_of
from registry.monitoring.rules.notices import LEAVINGS, MENDED, Happening, Matter, Severity
from registry.monitoring.rules.outages import Root

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
TITLE_LENGTH = 200
# So many of the sites that did not come back with their zone are named.
MOST_NAMED = 20
MINUTE, HOUR, DAY = 60, 3_600, 86_400
_ISSUES = {
    Happening.SWAPPED: Issue.IDENTITY_MISMATCH,
    Happening.REFUSED: Issue.AUTH_FAILED,
}
Story = Sequence[Transition]


class _Outcome(Enum):
    """What a story came to, worst first: it goes on, nobody looks any more, it is mended."""

    BEGUN = 1
    LEFT = 2
    MENDED = 3


class Wording:
    """The words of one language for one reader."""

    def __init__(self, language: str, *, public_url: str, missing: Sequence[Site] = ()) -> None:
        """
        Write in `language`; an empty `public_url` leaves out links to the pages.

        `missing` are the sites that are still dark in zones which have come back.
        """
        self._missing = missing
        self._language = language if language in LOCALES else "fr"
        self._catalogue = translator(self._language)
        self._public_url = public_url.rstrip("/")

    def title(self, notices: Sequence[Notice]) -> str:
        """Say the most important thing first: a zone, a whole site, then how many cameras."""
        sites = _by_site(notices)
        on = self.ngettext("on %(count)s site", "on %(count)s sites", len(sites))
        if zone := _silent_zone(sites):
            text = self.gettext("zone %(zone)s is silent", zone=zone)
            return f"VigiParc – {text}, {on}"[:TITLE_LENGTH]
        if zone := _returned_zone(sites):
            text = self.gettext("zone %(zone)s is answering again", zone=zone)
            return f"VigiParc – {text}, {on}"[:TITLE_LENGTH]
        if len(sites) == 1:
            return f"VigiParc – {self._site_title(*sites[0])}"[:TITLE_LENGTH]
        stories = [story for _, of_site in sites for story in _by_strand(of_site).values()]
        return f"VigiParc – {self._counted(stories)} {on}"[:TITLE_LENGTH]

    def body(self, notices: Sequence[Notice], *, at: datetime) -> str:
        """Tell site by site and camera by camera what happened, when, and what to check."""
        sites = _by_site(notices)
        blocks = ["\n".join(self._block(site, of_site)) for site, of_site in sites]
        if _silent_zone(sites):
            first = self.gettext(
                "No site of this zone answers: look at what leads there before you look at a"
                " camera."
            )
            blocks.insert(0, first)
        blocks[:0] = map(self._return, returned_zones(notices))
        told = self.gettext("Times of Paris. Written on %(when)s.", when=self._when(at))
        return "\n\n".join([*blocks, told]) + "\n"

    def test(self, name: str) -> tuple[str, str]:
        """Say that nothing has happened: title and text of a test of a subscription."""
        title = self.gettext("Test of the subscription “%(name)s”", name=name)
        body = self.gettext("Nothing has happened. Whoever reads this is told of outages.")
        return f"VigiParc – {title}"[:TITLE_LENGTH], f"{body}\n"

    def _return(self, zone: str) -> str:
        """Say that a zone is back, and which of its sites are not."""
        missing = [site for site in self._missing if site.zone == zone]
        if not missing:
            return self.gettext("Every site of zone %(zone)s is answering again.", zone=zone)
        text = self.ngettext(
            "Zone %(zone)s is answering again, but for %(count)s site:",
            "Zone %(zone)s is answering again, but for %(count)s sites:",
            len(missing),
            zone=zone,
        )
        named = [
            f"- {site.commune.name} – {site.name} ({site.public_id})"
            for site in missing[:MOST_NAMED]
        ]
        more = ["- …"] if len(missing) > MOST_NAMED else []
        return "\n".join([text, *named, *more])

    def _site_title(self, site: Site, notices: Sequence[Notice]) -> str:
        stories = list(_by_strand(notices).values())
        where = f"{site.commune.name}, {site.name}"
        if any(notice.severity is Severity.CRITICAL for notice in notices):
            cameras = [each for each in stories if strand_of(each[0])[1] is Matter.OUTAGE]
            if all(each[-1].happening is not Happening.RECOVERED for each in cameras):
                return self.gettext("%(where)s: the whole site is out", where=where)
            return self.gettext("%(where)s: the site is answering again", where=where)
        if all(_refuses_with_its_site(each) for each in stories):
            return self.gettext("%(where)s: the whole site refuses our credentials", where=where)
        return self.gettext("%(where)s: %(what)s", where=where, what=self._counted(stories))

    def _counted(self, stories: Sequence[Story]) -> str:
        """Count what the stories of cameras came to, what is worse first."""
        came_to = Counter((strand_of(each[0])[1], _outcome(each)) for each in stories)
        order = sorted(came_to, key=lambda each: (list(Matter).index(each[0]), each[1].value))
        return ", ".join(self._count(*each, came_to[each]) for each in order)

    def _count(self, matter: Matter, outcome: _Outcome, count: int) -> str:
        match matter, outcome:
            case Matter.LOGIN, _Outcome.LEFT:
                text = self.ngettext(
                    "credentials sent no more to %(count)s camera",
                    "credentials sent no more to %(count)s cameras",
                    count,
                )
            case Matter.UNIT, _Outcome.LEFT:
                text = self.ngettext(
                    "%(count)s camera not watched any more",
                    "%(count)s cameras not watched any more",
                    count,
                )
            case Matter.OUTAGE, _Outcome.BEGUN:
                text = self.ngettext("%(count)s camera out", "%(count)s cameras out", count)
            case Matter.OUTAGE, _:
                text = self.ngettext("%(count)s camera back", "%(count)s cameras back", count)
            case Matter.UNIT, _Outcome.BEGUN:
                text = self.ngettext(
                    "another unit in %(count)s place", "other units in %(count)s places", count
                )
            case Matter.UNIT, _:
                text = self.ngettext(
                    "the registered unit in %(count)s place",
                    "the registered units in %(count)s places",
                    count,
                )
            case _, _Outcome.BEGUN:
                text = self.ngettext(
                    "credentials refused by %(count)s camera",
                    "credentials refused by %(count)s cameras",
                    count,
                )
            case _:
                text = self.ngettext(
                    "credentials accepted by %(count)s camera",
                    "credentials accepted by %(count)s cameras",
                    count,
                )
        return text

    def _block(self, site: Site, notices: Sequence[Notice]) -> Iterator[str]:
        yield f"{site.commune.name} – {site.name} ({site.public_id})"
        if self._public_url:
            yield f"{self._public_url}/sites/{site.public_id}"
        codes: list[Reason | Issue] = []
        for story in _by_strand(notices).values():
            yield f"- {story[0].camera.label}: {self._story(story)}"
            codes += _to_check(story)
        for code in dict.fromkeys(codes):
            seen = explain.seen(code, self._language)
            check = explain.hint(code, self._language)
            yield self.gettext("Seen: %(seen)s To check first: %(check)s", seen=seen, check=check)

    def _story(self, story: Story) -> str:
        """Tell one matter of a camera: one change in full, many as what they came to."""
        last = story[-1]
        changes = len(story)
        if changes > 2:  # noqa: PLR2004 - more than an outage and its end
            text = self.gettext(
                "%(count)s changes between %(from)s and %(to)s",
                **{
                    "count": changes,
                    "from": self._when(story[0].at),
                    "to": self._when(last.at),
                },
            )
            return f"{text}, {self._state(last)}"
        if changes > 1 and strand_of(last)[1] is not Matter.OUTAGE:
            return "; ".join(f"{self._state(each)}, {self._when(each.at)}" for each in story)
        if changes == 1 or story[0].happening is not Happening.OPENED:
            return f"{self._state(last)}, {self._when(last.at)}"
        return self.gettext(
            "down from %(from)s to %(to)s (%(duration)s), %(state)s",
            **{
                "from": self._when(story[0].at),
                "to": self._when(last.at),
                "duration": self._duration((last.at - story[0].at).total_seconds()),
                "state": self._state(last),
            },
        )

    def _state(self, transition: Transition) -> str:
        words = {
            Happening.RECOVERED: self.gettext("up again"),
            Happening.LOST: self.gettext("not heard of any more"),
            Happening.SWAPPED: self.gettext("another unit answers than the registered one"),
            Happening.RETURNED: self.gettext("the registered unit answers"),
            Happening.UNWATCHED: self.gettext("taken out of service, not watched any more"),
            Happening.REFUSED: self.gettext("refuses our credentials"),
            Happening.ACCEPTED: self.gettext("accepts our credentials"),
            Happening.WITHHELD: self.gettext("is sent no credentials any more"),
        }
        healths = {"down": "Down", "unreachable": "Unreachable"}
        return words.get(transition.happening) or (
            self.gettext(healths[transition.health.value]).lower()
        )

    def _when(self, at: datetime) -> str:
        pattern = "dd/MM/y HH:mm" if self._language == "en" else "dd/MM/y H 'h' mm"
        return str(format_datetime(at, pattern, tzinfo=PARIS, locale=LOCALES[self._language]))

    def _duration(self, seconds: float) -> str:
        whole = int(seconds)
        if whole < HOUR:
            return f"{max(1, whole // MINUTE)} min"
        if whole < DAY:
            return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d}"
        return self.gettext("%(count)s d", count=whole // DAY) + f" {whole % DAY // HOUR} h"

    def gettext(self, message: str, **parameters: object) -> str:
        """Say a message in the reader's language."""
        return self._catalogue.gettext(message) % parameters

    def ngettext(self, one: str, many: str, count: int, **parameters: object) -> str:
        """Say a message that counts something."""
        return self._catalogue.ngettext(one, many, count) % {"count": count, **parameters}


def returned_zones(notices: Iterable[Notice]) -> list[str]:
    """Return the zones whose return a message tells."""
    found = {
        notice.transition.camera.site.zone
        for notice in notices
        if notice.transition.root is Root.ZONE_SILENT
        and notice.transition.happening is Happening.RECOVERED
    }
    return sorted(found)


Sites = Sequence[tuple[Site, Sequence[Notice]]]


def _silent_zone(sites: Sites) -> str:
    """Return the zone that fell silent with all the sites of a message; empty for none."""
    return _shared_zone(sites, Happening.OPENED)


def _returned_zone(sites: Sites) -> str:
    """Return the zone that came back with all the sites of a message; empty for none."""
    return _shared_zone(sites, Happening.RECOVERED)


def _shared_zone(sites: Sites, happening: Happening) -> str:
    zones = set()
    for site, notices in sites:
        last = [story[-1] for story in _by_strand(notices).values()]
        outages = [each for each in last if strand_of(each)[1] is Matter.OUTAGE]
        shares = outages and all(
            each.happening is happening and each.root is Root.ZONE_SILENT for each in outages
        )
        zones.add(site.zone if shares else "")
    return zones.pop() if len(zones) == 1 and len(sites) > 1 else ""


def _outcome(story: Story) -> _Outcome:
    last = story[-1].happening
    if last in MENDED:
        return _Outcome.MENDED
    # Of a lost outage nobody knows that it is over: the camera stays among those that are out.
    return _Outcome.LEFT if last in LEAVINGS.values() else _Outcome.BEGUN


def _refuses_with_its_site(story: Story) -> bool:
    return story[-1].root is Root.CREDENTIALS_CHANGED


def _to_check(story: Story) -> Iterator[Reason | Issue]:
    """Yield what explains a story that is not over, as far as anybody knows."""
    if _outcome(story) is not _Outcome.BEGUN:
        return
    for each in story:
        if each.happening is Happening.OPENED and each.reason:
            yield each.reason
        elif each.happening in _ISSUES:
            yield _ISSUES[each.happening]


def _by_site(notices: Sequence[Notice]) -> list[tuple[Site, list[Notice]]]:
    """Group notices by site, whole sites first, then in the order of their names."""
    grouped: defaultdict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        grouped[notice.transition.camera.site_id].append(notice)
    found = [(each[0].transition.camera.site, each) for each in grouped.values()]
    return sorted(found, key=lambda pair: (_mildest_last(pair[1]), pair[0].commune.name))


def _mildest_last(notices: Sequence[Notice]) -> bool:
    return all(notice.severity is Severity.WARNING for notice in notices)


def _by_strand(notices: Sequence[Notice]) -> dict[Strand, list[Transition]]:
    """Give the story of each camera in each matter, oldest first, by label."""
    ordered = sorted(
        (notice.transition for notice in notices),
        key=lambda each: (each.camera.label, each.camera_id, strand_of(each)[1], each.id),
    )
    return {strand: list(story) for strand, story in groupby(ordered, key=strand_of)}
