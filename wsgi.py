"""For a WSGI server of your own: `gunicorn wsgi:app`."""

from consent_server.app import create_app
from consent_server.config import Settings

app = create_app(Settings.from_environment())
