"""Forms with which officers change what is funded; amounts as people type them."""

from registry.funding.forms.editing import (
    LineForm,
    NewGrantForm,
    PaperForm,
    PaymentForm,
    ReasonForm,
    StepForm,
    ValuesForm,
    WithdrawalForm,
)
from registry.funding.forms.wording import put_on, sentence

__all__ = [
    "LineForm",
    "NewGrantForm",
    "PaperForm",
    "PaymentForm",
    "ReasonForm",
    "StepForm",
    "ValuesForm",
    "WithdrawalForm",
    "put_on",
    "sentence",
]
