"""Papers of grants: sent in, handed out as attachments, withdrawn."""

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue

from registry.documents import Store, file_name
from registry.funding import queries
from registry.funding.forms import PaperForm, WithdrawalForm
from registry.funding.forms.words import PAYMENT_WORDS
from registry.funding.service import file_paper, read_paper, withdraw_paper
from registry.funding.views.editing import Ask, answer, signature
from registry.signature import Signature
from registry.web.access import current_actor, current_session, needs
from registry.web.render import gettext
from registry.web.security import attachment


def add_to(bp: Blueprint, store: Store) -> None:
    """Add the pages that send and hand out papers."""

    @bp.route("/funding/paper/<path:file_number>", methods=["GET", "POST"])
    @needs("grants.edit")
    def send_paper(file_number: str) -> ResponseReturnValue:
        """Put a paper into a grant's file."""
        session = current_session()
        grant = queries.whole_grant(session, file_number)
        payments = {each.id: each for each in grant.payments}
        form = PaperForm(
            [(id_, gettext(PAYMENT_WORDS[each.kind])) for id_, each in payments.items()]
        )
        return answer(
            form,
            Ask(gettext("New paper"), gettext("File this paper"), grant),
            lambda: file_paper(
                session,
                store,
                grant,
                form.paper(),
                signed=signature(form),
                payment=payments.get(form.payment.data),
            ),
        )

    @bp.get("/funding/papers/<int:document_id>")
    @needs("grants.read")
    def give_paper(document_id: int) -> Response:
        """Hand out a paper as an attachment, its content held against its digest first."""
        session = current_session()
        document, file_number = queries.document(session, document_id)
        signed = Signature(actor=current_actor().id, at=g.now)
        content = read_paper(session, store, document, file_number, signed=signed)
        session.commit()
        name = file_name(document.name, document.media_type)
        return attachment(content, media_type=document.media_type, name=name)

    @bp.route("/funding/papers/<int:document_id>/withdraw", methods=["GET", "POST"])
    @needs("grants.edit")
    def take_paper_out(document_id: int) -> ResponseReturnValue:
        """Withdraw a paper that was filed by mistake."""
        session = current_session()
        _, file_number = queries.document(session, document_id)
        grant = queries.whole_grant(session, file_number)
        document = next(each for each in grant.documents if each.id == document_id)
        form = WithdrawalForm()
        title = gettext("Withdraw %(paper)s", paper=document.name)
        return answer(
            form,
            Ask(title, gettext("Withdraw"), grant),
            lambda: withdraw_paper(session, grant, document, signed=signature(form)),
        )
