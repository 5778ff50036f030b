"""For a WSGI server of your own: `gunicorn wsgi:app`."""

from consent_server.app import create_app
from consent_server.config import Settings
from consent_server.web.batches import batches_of

app = create_app(Settings.from_environment())
batches_of(app).by_itself()
