"""What is declared of a device and what was seen there, side by side."""

import pytest
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.monitoring.queries.camera import Trait, camera_page
from tests.conftest import NOON
from tests.factories import make_camera


@pytest.mark.parametrize(
    ("trait", "differs"),
    [
        (Trait("serial", "SN-001", "sn 001"), False),
        (Trait("serial", "SN-001", "SN-002"), True),
        (Trait("serial", "SN-001", "0000000"), False),
        (Trait("serial", "SN-001", ""), False),
        (Trait("model", "P3245", "AXIS P3245-LV"), False),
        (Trait("model", "P3245", "Q6075"), True),
        (Trait("firmware", "10.1", "10.2"), True),
        (Trait("mac", "00:1a:2b:3c:4d:5e", "00:1A:2B:3C:4D:5F, 00:1A:2B:3C:4D:5E"), False),
        (Trait("mac", "00:1a:2b:3c:4d:5e", "00:1A:2B:3C:4D:5F"), True),
    ],
)
def test_a_trait_differs_by_the_rule_of_identity(trait: Trait, *, differs: bool) -> None:
    """A serial written otherwise, or one that says nothing, is no other device."""
    assert trait.differs is differs


def test_a_camera_that_was_never_probed_has_a_page(session: Session) -> None:
    """Everything that is not known yet is simply absent."""
    camera = make_camera(session, serial="")

    page = camera_page(session, camera.id, now=NOON)

    assert (page.inventory, page.rtsp, page.outages, page.facts) == (None, None, (), ())
    assert {trait.declared for trait in page.traits} == {""}


def test_a_camera_that_is_not_there_is_said(session: Session) -> None:
    """By its number."""
    with pytest.raises(NotFound, match="camera 999"):
        camera_page(session, 999, now=NOON)
