"""Join the rooms into one application."""

from __future__ import annotations

from flask import Flask

import accounts.cli
import accounts.views
import geodata.cli
import ledger.cli
import lookup.cli
import lookup.views
import lottery.cli
import lottery.views
import zoning.cli
import zoning.views
from doors import database, errors, i18n, logs, reading, security, settings


def create_app() -> Flask:
    """The application: settings from the environment, then every room's pages and commands."""
    logs.init()
    chosen = settings.from_environment()
    app = Flask(__name__)
    app.config.update(SECRET_KEY=chosen.secret_key, SETTINGS=chosen, PRODUCTION=chosen.production)
    database.init_app(app, chosen.database_url)
    i18n.init_app(app)
    reading.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    for pages in (lookup.views, zoning.views, lottery.views, accounts.views):
        app.register_blueprint(pages.blueprint)
    for commands in (geodata.cli, zoning.cli, lookup.cli, lottery.cli, ledger.cli, accounts.cli):
        app.cli.add_command(commands.group)
    return app
