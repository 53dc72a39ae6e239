"""What identity contributes to the export of everything about a person: the account and its sign-ins."""

from app.edge.exporting import Contribution, every, rendered
from app.identity.queries import sign_ins
from app.identity.schemas import MeOut, OwnSignInOut
from app.identity.service.sign_in import read_me

CONTRIBUTION = Contribution(
    parts={
        "account": lambda whose: MeOut().dump(read_me(whose.scope)),
        "sign_ins": lambda whose: rendered(OwnSignInOut, every(lambda asked: sign_ins(whose.scope, None, asked))),
    },
    tables=frozenset({"persons", "person_access_tokens"}),
)
