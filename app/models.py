"""Knows every model of the platform, so that the metadata is complete: for migrations and for checks."""

import app.core.blobs
import app.core.counters
import app.core.idempotency
import app.core.journal.models
import app.core.looks
import app.core.refusals
import app.core.relays
import app.core.send.models
import app.core.traffic
import app.identity.devices.models
import app.identity.factors.models
import app.identity.models
import app.identity.notices.models
import app.identity.oidc.models
import app.identity.passkeys.models
import app.identity.passwords.models
import app.identity.phone_changes.models
import app.identity.recoveries.models
import app.identity.signatures.models
import app.payments.models
import app.records.models
import app.residents.access_models
import app.residents.allergy_models
import app.residents.case_models
import app.residents.closing.models
import app.residents.consent_models
import app.residents.corrections.models
import app.residents.export_models
import app.residents.family.models
import app.residents.models
import app.scheduling.models
import app.visits.models
import insurance.models
import prescriptions.models
import tenants.models
import tenants.practice_models
import tenants.proposal_models
from app.core.db import Base

MODULES = (
    app.core.blobs,
    app.core.counters,
    app.core.idempotency,
    app.core.journal.models,
    app.core.looks,
    app.core.refusals,
    app.core.relays,
    app.core.send.models,
    app.identity.factors.models,
    app.core.traffic,
    app.identity.models,
    app.identity.phone_changes.models,
    app.identity.recoveries.models,
    app.identity.passwords.models,
    app.identity.notices.models,
    app.identity.devices.models,
    app.identity.oidc.models,
    app.identity.passkeys.models,
    app.identity.signatures.models,
    app.payments.models,
    app.records.models,
    app.residents.access_models,
    app.residents.allergy_models,
    app.residents.case_models,
    app.residents.consent_models,
    app.residents.closing.models,
    app.residents.corrections.models,
    app.residents.export_models,
    app.residents.family.models,
    app.residents.models,
    app.scheduling.models,
    app.visits.models,
    insurance.models,
    prescriptions.models,
    tenants.models,
    tenants.practice_models,
    tenants.proposal_models,
)
metadata = Base.metadata
