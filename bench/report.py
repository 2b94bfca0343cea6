"""The report as text for people and as JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.bounds import Verdict
from bench.table import Table


def as_text(machine: Mapping[str, str], plan: str, tables: Sequence[Table]) -> str:
    lines = ["Sekisho benchmark", "", *(f"{name:<10} {text}" for name, text in machine.items())]
    lines += [f"{'plan':<10} {plan}", ""]
    for table in tables:
        lines += [table.title, *_grid([table.head, *table.rows])]
        lines += [f"  {_sentence(verdict)}" for verdict in table.verdicts]
        lines += [f"  note: {note}" for note in table.notes]
        lines.append("")
    return "\n".join([*lines, *_summary(tables)])


def _grid(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  " + "   ".join([first.ljust(widths[0]), *cells]).rstrip()


def _sentence(verdict: Verdict) -> str:
    told = f"{verdict.what}: {verdict.shown}"
    if verdict.met is None:
        return told
    return f"{told}   bound {verdict.bound}   {'met' if verdict.met else 'NOT met'}"


def _summary(tables: Sequence[Table]) -> list[str]:
    bound = [one for table in tables for one in table.verdicts if one.met is not None]
    if not bound:
        return ["No bound was measured in this run."]
    missed = [one.what for one in bound if not one.met]
    told = f"{len(bound) - len(missed)} of {len(bound)} bounds met"
    return [f"{told}; NOT met: {', '.join(missed)}" if missed else told]


def as_json(machine: Mapping[str, str], plan: Mapping[str, Any], tables: Sequence[Table]) -> str:
    whole = {"machine": machine, "plan": plan, "tables": [asdict(table) for table in tables]}
    return json.dumps(whole, indent=2) + "\n"
