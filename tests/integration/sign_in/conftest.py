"""A force whose officers sign in through its own provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.sign_in.provider import forget_providers
from tests.openid.running import SECRET, SECRET_ENV, RunningProvider, running_provider

PUBLIC_URL = "http://localhost:8000"
PERSON = {"sub": "person-1", "collar": "1234", "email": "sam.okafor@force.example"}


@pytest.fixture(scope="session")
def one_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    """For all tests of this process; ask for `provider`."""
    folder = tmp_path_factory.mktemp("provider")
    with running_provider(folder, f"{PUBLIC_URL}/officer/sign-in/callback") as provider:
        yield provider


@pytest.fixture
def provider(
    one_provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningProvider]:
    """The provider in good order, signing in the officer 1234 of Northshire."""
    monkeypatch.setenv(SECRET_ENV, SECRET)
    one_provider.set(person=PERSON, fault=None, inToken=True)
    forget_providers()
    yield one_provider
    forget_providers()
