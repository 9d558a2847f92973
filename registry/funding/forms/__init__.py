"""Forms with which officers change what is funded; amounts as people type them."""

from registry.funding.forms.editing import (
    BeneficiaryForm,
    LineForm,
    NewGrantForm,
    PaperForm,
    PaymentForm,
    ReasonForm,
    StepBackForm,
    StepForm,
    ValuesForm,
    VoteForm,
    WithdrawalForm,
)
from registry.funding.forms.wording import put_on, sentence

__all__ = [
    "BeneficiaryForm",
    "LineForm",
    "NewGrantForm",
    "PaperForm",
    "PaymentForm",
    "ReasonForm",
    "StepBackForm",
    "StepForm",
    "ValuesForm",
    "VoteForm",
    "WithdrawalForm",
    "put_on",
    "sentence",
]
