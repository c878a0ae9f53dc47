"""A text field in which `@` proposes people (`mention_box.jsx`)."""

import reflex as rx


class MentionBox(rx.Component):
    """A multi-line field of a form; `people` are full names."""

    library = f"$/public{rx.asset('mention_box.jsx', shared=True)}"
    tag = "MentionBox"
    name: rx.Var[str]
    people: rx.Var[list[str]]
    label: rx.Var[str]
    list_label: rx.Var[str]
    placeholder: rx.Var[str]
    max_length: rx.Var[int]
    data_key: rx.Var[str]
    data_key_label: rx.Var[str]


mention_box = MentionBox.create
