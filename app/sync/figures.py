"""Figures about forces' case systems, for monitoring. No personal data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from app.forces.queries import all_forces, feed_of_record
from app.outbox.breakers import open_breakers
from app.sync.risk_fields import constant_fields
from app.sync.tally import outcome_totals


class CaseSystemFigures(Collector):
    """Outcomes of calls, breakers, how long feeds have left, and risk fields that never vary."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._forces = all_forces(session)
        self._slugs = {force.id: force.slug for force in self._forces}

    def collect(self) -> Iterator[Metric]:
        yield self._outcomes()
        yield self._breakers()
        yield from self._feeds()
        yield self._risk_fields()

    def _outcomes(self) -> Metric:
        calls = CounterMetricFamily(
            "portal_case_system_calls",
            "Calls to a force's case system, by what came of them",
            labels=("force", "outcome"),
        )
        for total in outcome_totals(self._session):
            calls.add_metric((self._slugs[total.force_id], total.outcome), total.calls)
        return calls

    def _breakers(self) -> Metric:
        breakers = GaugeMetricFamily(
            "portal_breaker_open",
            "1 while nothing but a trial now and then is sent to a force's case system",
            labels=("force",),
        )
        opened = {breaker.force_id for breaker in open_breakers(self._session)}
        for force_id, slug in self._slugs.items():
            breakers.add_metric((slug,), float(force_id in opened))
        return breakers

    def _feeds(self) -> Iterator[Metric]:
        stale = GaugeMetricFamily(
            "portal_feed_seconds_until_stale",
            "Until no notices leave because the feed is too old; 0 when it is",
            labels=("force",),
        )
        closed = GaugeMetricFamily(
            "portal_feed_seconds_until_closed",
            "Until cases close because the feed is too old; 0 when they are",
            labels=("force",),
        )
        for force in self._forces:
            feed = feed_of_record(self._session, force)
            fresh_at = feed.fresh_at if feed else None
            settings = force.settings
            for metric, hours in (
                (stale, settings.stale_after_hours),
                (closed, settings.closed_after_hours),
            ):
                left = fresh_at + timedelta(hours=hours) - self._now if fresh_at else timedelta(0)
                metric.add_metric((force.slug,), max(0.0, left.total_seconds()))
        yield stale
        yield closed

    def _risk_fields(self) -> Metric:
        constant = GaugeMetricFamily(
            "portal_risk_field_constant_cases",
            "New cases in a row that said the same in a risk field, from 500 on",
            labels=("force", "field"),
        )
        for run in constant_fields(self._session):
            constant.add_metric((self._slugs[run.force_id], run.field), run.cases)
        return constant
