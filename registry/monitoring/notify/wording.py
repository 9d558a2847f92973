"""Puts outages and recoveries into a message: a title that says it, then site by site."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from babel.dates import format_datetime

from probes import explain
from registry.clock import PARIS
from registry.fleet.models import Site
from registry.messages import translator
from registry.monitoring.models import Notice, Transition
from registry.monitoring.rules.notices import Happening, Severity

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
TITLE_LENGTH = 200
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Wording:
    """The words of one language for one reader."""

    def __init__(
        self, language: str, *, public_url: str, zones: Mapping[int, str] | None = None
    ) -> None:
        """
        Write in `language`; an empty `public_url` leaves out links to the pages.

        `zones` names, for each site of a zone that is silent as a whole, that zone.
        """
        self._zones = zones or {}
        self._language = language if language in LOCALES else "fr"
        self._catalogue = translator(self._language)
        self._public_url = public_url.rstrip("/")

    def title(self, notices: Sequence[Notice]) -> str:
        """Say the most important thing first: a zone, a whole site, then how many cameras."""
        sites = _by_site(notices)
        if zone := self._silent_zone([site for site, _notices in sites]):
            text = self.gettext("zone %(zone)s is silent", zone=zone)
            on = self.ngettext("on %(count)s site", "on %(count)s sites", len(sites))
            return f"VigiParc – {text}, {on}"[:TITLE_LENGTH]
        if len(sites) == 1:
            return f"VigiParc – {self._site_title(*sites[0])}"[:TITLE_LENGTH]
        out, back = set[int](), set[int]()
        for _site, of_site in sites:
            for camera_id, story in _by_camera(of_site).items():
                (back if story[-1].happening is Happening.RECOVERED else out).add(camera_id)
        parts = []
        if out:
            parts.append(self.ngettext("%(count)s camera out", "%(count)s cameras out", len(out)))
        if back:
            parts.append(
                self.ngettext("%(count)s camera back", "%(count)s cameras back", len(back))
            )
        on = self.ngettext("on %(count)s site", "on %(count)s sites", len(sites))
        return f"VigiParc – {', '.join(parts)} {on}"[:TITLE_LENGTH]

    def body(self, notices: Sequence[Notice], *, at: datetime) -> str:
        """Tell site by site and camera by camera what happened, when, and what to check."""
        sites = _by_site(notices)
        blocks = ["\n".join(self._block(site, of_site)) for site, of_site in sites]
        if self._silent_zone([site for site, _notices in sites]):
            first = self.gettext(
                "No site of this zone answers: look at what leads there before you look at a"
                " camera."
            )
            blocks.insert(0, first)
        told = self.gettext("Times of Paris. Written on %(when)s.", when=self._when(at))
        return "\n\n".join([*blocks, told]) + "\n"

    def test(self, name: str) -> tuple[str, str]:
        """Say that nothing has happened: title and text of a test of a subscription."""
        title = self.gettext("Test of the subscription “%(name)s”", name=name)
        body = self.gettext("Nothing has happened. Whoever reads this is told of outages.")
        return f"VigiParc – {title}"[:TITLE_LENGTH], f"{body}\n"

    def _silent_zone(self, sites: Sequence[Site]) -> str:
        """Return the silent zone in which two or more sites all lie; empty for none."""
        zones = {self._zones.get(site.id, "") for site in sites}
        return zones.pop() if len(zones) == 1 and len(sites) > 1 else ""

    def _site_title(self, site: Site, notices: Sequence[Notice]) -> str:
        stories = _by_camera(notices)
        where = f"{site.commune.name}, {site.name}"
        out = [each for each in stories.values() if each[-1].happening is not Happening.RECOVERED]
        if any(notice.severity is Severity.CRITICAL for notice in notices):
            if len(out) == len(stories):
                return self.gettext("%(where)s: the whole site is out", where=where)
            return self.gettext("%(where)s: the site is answering again", where=where)
        if not out:
            text = self.ngettext("%(count)s camera back", "%(count)s cameras back", len(stories))
        else:
            text = self.ngettext("%(count)s camera out", "%(count)s cameras out", len(out))
        return self.gettext("%(where)s: %(what)s", where=where, what=text)

    def _block(self, site: Site, notices: Sequence[Notice]) -> Iterator[str]:
        yield f"{site.commune.name} – {site.name} ({site.public_id})"
        if self._public_url:
            yield f"{self._public_url}/sites/{site.public_id}"
        causes = []
        for story in _by_camera(notices).values():
            yield f"- {story[0].camera.label}: {self._story(story)}"
            opened = [each for each in story if each.happening is Happening.OPENED]
            if opened and story[-1].happening is not Happening.RECOVERED:
                causes += [each.reason for each in opened if each.reason]
        for reason in dict.fromkeys(causes):
            seen = explain.seen(reason, self._language)
            check = explain.hint(reason, self._language)
            yield self.gettext("Seen: %(seen)s To check first: %(check)s", seen=seen, check=check)

    def _story(self, story: Sequence[Transition]) -> str:
        """Tell one camera: one change in full, many as what they came to."""
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
        if transition.happening is Happening.RECOVERED:
            return self.gettext("up again")
        if transition.happening is Happening.LOST:
            return self.gettext("not heard of any more")
        words = {"down": "Down", "unreachable": "Unreachable"}
        return self.gettext(words[transition.health.value]).lower()

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

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Say a message that counts something."""
        return self._catalogue.ngettext(one, many, count) % {"count": count}


def _by_site(notices: Sequence[Notice]) -> list[tuple[Site, list[Notice]]]:
    """Group notices by site, whole sites first, then in the order of their names."""
    grouped: defaultdict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        grouped[notice.transition.camera.site_id].append(notice)
    found = [(each[0].transition.camera.site, each) for each in grouped.values()]
    return sorted(found, key=lambda pair: (_mildest_last(pair[1]), pair[0].commune.name))


def _mildest_last(notices: Sequence[Notice]) -> bool:
    return all(notice.severity is Severity.WARNING for notice in notices)


def _by_camera(notices: Sequence[Notice]) -> dict[int, list[Transition]]:
    """Give the story of each camera, oldest first, by label."""
    ordered = sorted(
        (notice.transition for notice in notices),
        key=lambda each: (each.camera.label, each.camera_id, each.id),
    )
    return {
        camera_id: list(story)
        for camera_id, story in groupby(ordered, key=lambda each: each.camera_id)
    }
