"""The one blueprint that every page of monitoring hangs on."""

from flask import Blueprint

bp = Blueprint("monitoring", __name__)
