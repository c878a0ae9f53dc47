"""A person who leaves, with the records of the areas that really exist."""

from datetime import datetime

import pytest

from app.access.leaving import import_areas
from app.doors import ask, do
from db.access.people.actions import close_person
from db.access.people.reassignment import NobodyTakesOver, belongings_of
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft


class TestClosePerson:
    def test_hands_the_open_leads_over_in_the_same_deed(self, people: dict[Role, Actor], clock: datetime) -> None:
        import_areas()
        admin, leaver, heir = people[Role.ADMINISTRATOR], people[Role.SALES], people[Role.MANAGER]
        for name in ("Chantier naval Rey", "Commune de Rolle"):
            draft = LeadDraft(name=name, received_at=clock, owner_id=leaver.user_id)
            do(leaver, create_lead, at=clock, draft=draft)

        waiting = {one.label: one.count for one in ask(admin, belongings_of, user_id=leaver.user_id)}
        with pytest.raises(NobodyTakesOver, match="2 pistes"):
            do(admin, close_person, at=clock, user_id=leaver.user_id, to_user=None)
        moved = do(admin, close_person, at=clock, user_id=leaver.user_id, to_user=heir.user_id)

        assert waiting["pistes"] == moved["lead"] == 2
        taken = {one.label: one.count for one in ask(admin, belongings_of, user_id=heir.user_id)}
        assert taken["pistes"] == 2
