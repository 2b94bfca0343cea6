"""How the processes of one `serve` add up: each writes what it counted into a folder, one reads them all."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import structlog

from sekisho.events.metrics import METRICS, Key, Sample, joined

log = structlog.get_logger()

REPORT_EVERY = 2.0
FRESH = 10.0  # seconds: what is older says nothing about now
GONE = 60.0  # seconds: what is older was left behind by a process that ended
MOST_GONE = 50
ENDING = ".json"

Samples = tuple[Sample, ...]


async def report(counted: Callable[[], Iterable[Sample]], folder: Path) -> None:
    """Write what was counted, for as long as the process lives and once at its end."""
    file = folder / f"{os.getpid()}-{secrets.token_hex(4)}{ENDING}"
    try:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            _write(file, counted())
    finally:
        _write(file, counted())


def _write(file: Path, samples: Iterable[Sample]) -> None:
    """A reader sees the last report or this one, never half of it."""
    fresh = file.with_suffix(".new")
    try:
        fresh.write_bytes(msgspec.json.encode(list(samples)))
        fresh.replace(file)
    except OSError as error:  # no metric is worth a request
        log.warning("metrics_not_written", why=error.strerror)


class Reports:
    """What all processes counted, those that ended included: a counter never goes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = msgspec.json.Decoder(Samples)
        self._seen: dict[str, Samples] = {}
        self._ended: Samples = ()

    def all(self) -> dict[Key, tuple[float, ...]]:
        """As of now."""
        now = time.time()
        levels = []
        for file in sorted(self._folder.glob(f"*{ENDING}")):
            age = now - file.stat().st_mtime
            self._seen[file.name] = samples = self._read.decode(file.read_bytes())
            if age < FRESH:
                levels.append([sample for sample in samples if _is_level(sample)])
            if age > GONE:
                file.unlink()
        self._fold()
        counts = [[sample for sample in samples if not _is_level(sample)] for samples in self._seen.values()]
        return joined(self._ended, *counts, *levels)

    def _fold(self) -> None:
        """Processes that ended long ago become one, so that a restart now and then does not add up."""
        ended = [name for name in self._seen if not (self._folder / name).exists()]
        for name in ended[:-MOST_GONE]:
            counts = [sample for sample in self._seen.pop(name) if not _is_level(sample)]
            self._ended = tuple(joined(self._ended, counts).items())


def _is_level(sample: Sample) -> bool:
    return bool(METRICS[sample[0][0]].joins)
