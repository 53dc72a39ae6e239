"""Where pages and protocol endpoints of the provider hang."""

from flask import Blueprint

blueprint = Blueprint("oidc", __name__, template_folder="../templates")
