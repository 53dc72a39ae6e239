"""Imports every model of the platform, so that the metadata is complete: for migrations and for checks."""

import app.core.idempotency
import app.core.journal.models
import app.core.relays
import app.core.send.models
import app.identity.models  # noqa: F401  # imported for what it registers
from app.core.db import Base

metadata = Base.metadata
