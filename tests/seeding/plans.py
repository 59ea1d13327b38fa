"""A plan's columns in short, and its file, written and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemas
from sqlalchemy import URL

from faker_neural import PlanError
from faker_neural.seeding import ColumnPlan, Plan, read_plan, seed, write_plan

SEQUENCE, FK, SKIP = ColumnPlan("sequence"), ColumnPlan("fk"), ColumnPlan("skip")


def choice(*values: Any, **options: Any) -> ColumnPlan:
    return ColumnPlan("choice", {"values": list(values), **options})


def between(low: Any, high: Any, **options: Any) -> ColumnPlan:
    return ColumnPlan("range", {"low": low, "high": high, **options})


class File:
    """A plan's file, written and read again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "seed.toml"

    def read(self, text: str) -> Plan:
        self.path.write_text(text, encoding="utf-8")
        return read_plan(self.path)

    def problems(self, text: str) -> tuple[str, ...]:
        with pytest.raises(PlanError) as caught:
            self.read(text)
        return caught.value.problems

    def again(self, plan: Plan) -> Plan:
        return replace(self.read(write_plan(plan)), name=plan.name)


def problems(url: URL, plan: Plan, **settings: Any) -> tuple[str, ...]:
    """Return what a run says that does not fit, and see that nothing was written."""
    before = schemas.dump(url)
    with pytest.raises(PlanError) as caught:
        seed(url, plan, **settings)
    assert schemas.dump(url) == before
    assert caught.value.name == plan.name
    return caught.value.problems
