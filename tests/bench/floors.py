"""The least that a Flask view can do for the same answers, for granian: `tests.bench.floors:app`.

Reads `DATABASE_URL` and `BENCH_PAGE`, a JSON file with a page: `template` and the `texts` in it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, render_template, request
from jinja2 import DictLoader
from sqlalchemy import Column, Engine, MetaData, Table, create_engine, event, insert, select

from app import clock
from app.messages.models import Conversation, Message
from tests.bench.rows import table_of

INSERTED = "bench_messages"


def inserted_table() -> Table:
    """Where one insert goes: shaped like a message, with its key and nothing else to look after."""
    wanted = ("id", "conversation_id", "sequence", "client_id", "text_sealed", "sent_at")
    columns = table_of(Message).columns
    copied = (Column(name, columns[name].type, primary_key=name == "id") for name in wanted)
    return Table(INSERTED, MetaData(), *copied)


def connect(url: str) -> Engine:
    """As durable as the portal's own engine, and otherwise bare."""
    engine = create_engine(url, pool_size=10)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    engine = connect(os.environ["DATABASE_URL"])
    page = json.loads(Path(os.environ["BENCH_PAGE"]).read_text("utf-8"))
    app.jinja_loader = DictLoader({"page.html": page["template"]})
    conversations, inserted = table_of(Conversation).c, inserted_table()

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/poll/<uuid:conversation_id>")
    def poll(conversation_id: UUID) -> Response:
        """One indexed read."""
        with engine.connect() as connection:
            connection.scalar(
                select(conversations.revision).where(conversations.id == conversation_id)
            )
        return Response(status=204)

    @app.get("/page")
    def show() -> str:
        """One template of the same bytes."""
        return render_template("page.html", texts=page["texts"])

    @app.get("/page-recorded")
    def show_and_record() -> str:
        """The same, and one durable insert: that somebody was shown words has to be recorded."""
        rendered = show()
        _insert_one("x", "shown")
        return rendered

    @app.post("/send")
    def send() -> str:
        """One durable insert."""
        _insert_one(request.form["client_id"], request.form["text"])
        return "<ol></ol>"

    def _insert_one(client_id: str, text: str) -> None:
        with engine.begin() as connection:
            connection.execute(
                insert(inserted).values(
                    id=uuid4(),
                    conversation_id=uuid4(),
                    sequence=1,
                    client_id=client_id,
                    text_sealed=text.encode(),
                    sent_at=clock.now(),
                )
            )

    return app


def __getattr__(name: str) -> Flask:
    """`app`, made when a server asks for it."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
