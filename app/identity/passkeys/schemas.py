"""What passkeys look like on the wire."""

from marshmallow import Schema, fields

from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.passkeys.ceremonies import read_asserted, read_attested
from app.identity.passkeys.fields import ASSERTION, ATTESTATION, Answered
from app.identity.passkeys.names import ACTIVE, PASSKEY_ID, REMOVED, STOPPED
from app.identity.passkeys.service.using import subject

LONGEST_NAME = 40


def _options(name: str) -> fields.Dict:
    about = f"What the browser is asked: {name} (WebAuthn Level 3, 5.1)"
    return fields.Dict(keys=fields.String(), metadata={"description": about})


class PasskeyRegistrationOut(Schema):
    """What to hand to `navigator.credentials.create`, and for how many seconds its answer is taken."""

    options = _options("PublicKeyCredentialCreationOptionsJSON")
    expires_in = fields.Integer()


class PasskeyChallengeOut(Schema):
    """What to hand to `navigator.credentials.get`, and for how many seconds its answer is taken."""

    options = _options("PublicKeyCredentialRequestOptionsJSON")
    expires_in = fields.Integer()


class PasskeyIn(Input):
    """A passkey that the browser made, and what its owner calls it."""

    name = Text(LONGEST_NAME, required=True)
    credential = Answered(read_attested, required=True, metadata={"description": ATTESTATION})


class PasskeyNameIn(Input):
    """What its owner calls it."""

    name = Text(LONGEST_NAME, required=True)


class PasskeySignInIn(Input):
    """A passkey that the browser showed."""

    credential = Answered(read_asserted, required=True, metadata={"description": ASSERTION})


class PasskeyOut(Schema):
    """A passkey of one's own."""

    id = IdOf(PASSKEY_ID, subject)
    name = fields.String()
    state = Word(
        [ACTIVE, STOPPED, REMOVED],
        metadata={"description": "Stopped: its counter went back, so that somebody may have a copy"},
    )
    aaguid = fields.UUID(metadata={"description": "What make its authenticator says it is; zeros: it does not say"})
    transports = fields.List(fields.String())
    backup_eligible = fields.Boolean(metadata={"description": "Whether it may be kept in step between devices"})
    backed_up = fields.Boolean(metadata={"description": "Whether it was so when it was used last"})
    created_at = Instant()
    last_used_at = Instant(allow_none=True)
    stopped_at = Instant(allow_none=True)
    version = Version()
