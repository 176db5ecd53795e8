"""The target of gunicorn: `gunicorn api.wsgi:app`."""

from api import create_app
from shared.logs import configure_logs
from shared.settings import Settings

_settings = Settings.from_env()
configure_logs(_settings.log_level)
app = create_app(_settings)
