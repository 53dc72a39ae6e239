"""What residents contribute to the export of everything about a person: who they are, cards, contracts, journals."""

from typing import Any

from app.core.unit import unit
from app.edge.exporting import Contribution, Whose, every, rendered
from app.residents import queries
from app.residents.access_queries import access_log
from app.residents.access_schemas import AccessOut
from app.residents.allergy_models import Allergy
from app.residents.allergy_schemas import AllergyOut
from app.residents.consent_models import Consent
from app.residents.consent_schemas import ConsentOut
from app.residents.corrections import exporting as corrections
from app.residents.corrections.models import PersonCorrection
from app.residents.family import exporting as family
from app.residents.models import PersonCard, PersonContract
from app.residents.schemas import CardOut, ContractOut, EntryOut, ResidentOut
from app.residents.service.allergies import shown as shown_allergy
from app.residents.service.cards import number_of, shown_card
from app.residents.service.consents import own as own_consent
from app.residents.service.reading import own_number, read_resident


def _resident(whose: Whose) -> dict[str, Any]:
    """With the whole number, which the API hides: nobody but its owner gets the document."""
    with unit(whose.scope) as reading:
        number = own_number(reading)
    return {**ResidentOut().dump(read_resident(whose.scope)), "number": number}


def _cards(whose: Whose) -> list[dict[str, Any]]:
    """With their whole numbers, as above."""
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(PersonCard).order_by(PersonCard.id))
        return [{**CardOut().dump(shown_card(reading, row)), "number": number_of(reading, row)} for row in rows]


def _allergies(whose: Whose) -> list[Any]:
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(Allergy).order_by(Allergy.id))
        return rendered(AllergyOut, [shown_allergy(reading, row) for row in rows])


def _consents(whose: Whose) -> list[Any]:
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(Consent).order_by(Consent.id))
        return rendered(ConsentOut, [own_consent(reading, row) for row in rows])


def _access_log(whose: Whose) -> list[Any]:
    nothing = {"institution": None, "since": None, "until": None}
    return rendered(AccessOut, every(lambda asked: access_log(whose.person, asked, None), **nothing))


CONTRIBUTION = Contribution(
    parts={
        "resident": _resident,
        "cards": _cards,
        "allergies": _allergies,
        "consents": _consents,
        "family_contracts": lambda whose: rendered(
            ContractOut, every(lambda asked: queries.own_contracts(whose.scope, asked))
        ),
        "journal": lambda whose: rendered(
            EntryOut, every(lambda asked: queries.journal(whose.scope, asked, alone=whose.alone))
        ),
        "access_log": _access_log,
        **family.PARTS,
        **corrections.PARTS,
    },
    tables=frozenset(
        {"residents", "person_cards", "allergies", "person_contracts", "person_journal", "accesses", "consents"}
    )
    | family.TABLES
    | corrections.TABLES,
    own=frozenset(family.PARTS),
    names=(PersonContract.tenant, PersonCorrection.tenant),
)
