"""Where the account's pages hang."""

from flask import Blueprint

blueprint = Blueprint("account", __name__, template_folder="../templates", url_prefix="/account")
