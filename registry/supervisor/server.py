"""`vigiparc serve`: the pages and /metrics behind gunicorn."""

from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication

from registry.settings import Settings
from registry.supervisor.processes import require_free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


class WebServer(BaseApplication):
    """gunicorn with threads, set up from our settings instead of a file of its own."""

    def __init__(self, settings: Settings, make: "Callable[[Settings], Flask]") -> None:
        """Keep what each worker makes its application of; `run()` serves until told to stop."""
        self._settings = settings
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        """Translate our settings into gunicorn's."""
        web = self._settings.web
        host = f"[{web.host}]" if ":" in web.host else web.host
        options = {
            "bind": f"{host}:{web.port}",
            "workers": web.workers,
            "threads": web.threads,
            "worker_class": "gthread",
            "graceful_timeout": 5,
            "proc_name": "vigiparc-web",
            "loglevel": "warning",
            # It would open a socket in the home folder of whoever runs the service.
            "control_socket_disable": True,
        }
        for key, value in options.items():
            self.cfg.set(key, value)

    # The stub asks for one exact shape of callable; Flask is a WSGI application.
    def load(self) -> "Flask":  # type: ignore[override]
        """Make the application in each worker, after the fork: no connection is shared."""
        return self._make(self._settings)


def serve(settings: Settings, make: "Callable[[Settings], Flask]") -> None:
    """
    Serve the pages and /metrics until a signal comes.

    The application is made and imported by each worker alone: their parent only
    watches over them, and need not hold it as well.

    Raises:
        Misconfigured: The port is taken.
    """
    require_free_port(settings)
    WebServer(settings, make).run()
