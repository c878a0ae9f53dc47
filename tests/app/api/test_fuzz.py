"""Every route of the API, as each role, with whatever its description allows and does not: never an error of ours.

The requests are made by schemathesis out of the OpenAPI description, always the same ones. Half of them name records
that exist, so that deeds are really done.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from app.api import permission
from app.api.application import application
from app.api.permission import NotSignedIn
from app.doors import do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.jobs.actions import ask_for_job
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.records.views.actions import save_view
from db.session import transaction
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
SCHEMA = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
EXAMPLES = 4
TAKEN = {"method", "url", "params", "headers", "cookies", "json", "data", "files", "content"}
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def client(people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the API for whom every role's name is a token; nobody waits for the limit of requests."""

    def actor_of(token: str) -> Actor:
        if token not in set(Role):
            raise NotSignedIn("Un jeton d'accès valide est nécessaire.")
        return people[Role(token)]

    monkeypatch.setattr(permission, "actor_of", actor_of)
    monkeypatch.setattr("app.api.limits.Limits.wait_seconds", lambda self, caller: 0.0)
    with TestClient(application, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def known(people: People, clock: datetime) -> dict[str, str]:
    """Records that exist, by the name of the parameter that stands for them."""
    seller, boss = people[Role.SALES], people[Role.ADMINISTRATOR]
    company, person = (
        do(seller, add_party, draft=PartyDraft(kind, f"Essai {kind.value}"), at=clock) for kind in PartyKind
    )
    opportunity = do(seller, add_opportunity, draft=OpportunityDraft("Balcon", party_id=company), at=clock)
    field = {"kind": "lead", "key": "floors", "label": "Étages", "type": FieldType.NUMBER}
    view = {"kind": "lead", "name": "Les miennes", "query": "", "shared": True}
    with transaction() as session:
        job = ask_for_job(session, kind="insights.rescore", arguments={}, by=boss, at=clock)
    lead: UUID = do(seller, create_lead, draft=make_draft(), at=clock)
    found = {
        "lead_id": lead,
        "record_id": lead,
        "party_id": company,
        "person_id": person,
        "opportunity_id": opportunity,
        "job_id": job,
        "field_id": do(seller, define_field, at=clock, **field),
        "view_id": do(boss, save_view, at=clock, **view),
        "kind": "lead",
        "model": "lead_score",
    }
    return {name: str(value) for name, value in found.items()}


def sent(client: TestClient, case: Case, role: Role, known: dict[str, str], to_known: bool) -> tuple[int, str]:
    """Send a request that schemathesis made; return the status and a text of the answer."""
    if to_known:
        case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
    case.headers["Authorization"] = f"Bearer {role.value}"
    given = case.as_transport_kwargs(base_url="http://testserver")
    given["headers"] = {name: str(value).encode("utf-8", "replace") for name, value in given["headers"].items()}
    answer = client.request(**{name: value for name, value in given.items() if name in TAKEN})
    return answer.status_code, answer.text[:300]


class TestEveryRoute:
    @pytest.mark.parametrize("role", list(Role))
    def test_never_fails_by_our_fault(self, client: TestClient, known: dict[str, str], role: Role) -> None:
        failed: dict[str, Any] = {}
        done: set[str] = set()
        for found in SCHEMA.get_all_operations():
            operation = found.ok()
            cases = st.one_of(*[operation.as_strategy(generation_mode=mode) for mode in MODES])

            @QUIET
            @seed(20261124)
            @given(case=cases, to_known=st.booleans())
            def ask_anything(case: Case, to_known: bool) -> None:
                status, text = sent(client, case, role, known, to_known)
                if status < 300:
                    done.add(f"{case.method} {case.path}")
                if status >= 500:
                    failed[f"{case.method} {case.formatted_path}"] = (status, text, case.body, dict(case.query or {}))

            ask_anything()

        assert failed == {}
        assert role is not Role.ADMINISTRATOR or len(done) > 35, sorted(done)  # not only refusals are tried
