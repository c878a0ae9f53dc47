"""Settings of Reflex: one origin, nothing sent home, state in memory and rebuildable from address and database."""

import os

import reflex as rx

from app.origins import own_origins
from app.words import Words

WEEK_IN_SECONDS = 7 * 24 * 3600

config = rx.Config(
    app_name="app",
    app_module_import="app.app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="system",
    state_manager_mode="redis" if os.getenv("REFLEX_REDIS_URL") else "memory",
    redis_token_expiration=WEEK_IN_SECONDS,
    cors_allowed_origins=own_origins(),
    plugins=[
        rx.plugins.RadixThemesPlugin(
            theme=rx.theme(
                accent_color="cyan", gray_color="sage", radius="small", scaling="100%", panel_background="solid"
            )
        ),
        Words(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
