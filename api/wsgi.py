"""The target of gunicorn: `gunicorn api.wsgi:app`."""

from api import create_app
from shared.logs import configure_logs
from shared.settings import Settings
from shared.tracing import start_tracing

_settings = Settings.from_env()
configure_logs(_settings.log_level)
start_tracing(_settings, "api")
app = create_app(_settings)
