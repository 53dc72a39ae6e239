"""What a change of one's number looks like on the wire."""

from app.edge.schema import Input
from app.identity.phones import parse_code, parse_phone
from app.identity.schemas import Typed, code_field, phone_field


class PhoneChangeCodeIn(Input):
    """Where a code for the change shall go."""

    phone = Typed(
        parse_phone, load_default=None,
        metadata={"description": "The new number; without it the code goes to the present one"},
    )  # fmt: skip


class PhoneChangeIn(Input):
    """The new number, with a code of it and one of the present number."""

    phone = phone_field()
    code = code_field()
    former_code = Typed(
        parse_code, load_default=None,
        metadata={
            "description": "A code of the present number; who has lost that proves a second factor of a week ago"
        },
    )  # fmt: skip
