"""Every module that defines a page: Reflex compiles only what is imported."""

PAGES: list[str] = [
    "app.not_found",
]
