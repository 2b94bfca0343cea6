"""The signing or hashing rate of one core, nothing around it. Run as `python -m bench.raw ALG SECONDS`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bench.cores import children_on, stay_on
from bench.footprint import core_seconds
from bench.leg import Leg
from bench.machine import ROOT

MESSAGE_BYTES = 400
ARGON2ID = "Argon2id"
MEMORY_KIB, PASSES = 19_456, 2
WARM_UP = 0.2


def _rs256() -> Callable[[bytes], bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    scheme, digest = padding.PKCS1v15(), SHA256()
    return lambda message: key.sign(message, scheme, digest)


def _es256() -> Callable[[bytes], bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    scheme = ec.ECDSA(SHA256())
    return lambda message: key.sign(message, scheme)


SIGNERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {"RS256": _rs256, "ES256": _es256}


def sign_for(seconds: float, sign: Callable[[bytes], bytes], message: bytes) -> Leg:
    return _timed(lambda: _until(time.perf_counter() + seconds, partial(sign, message)))


def hash_for(seconds: float) -> Leg:
    """As many threads as the server has for it: one for each core of the machine."""
    work = partial(
        hash_secret_raw, b"seven blue lanterns", os.urandom(16), PASSES, MEMORY_KIB, 1, 32, Type.ID
    )
    width = os.cpu_count() or 1
    with ThreadPoolExecutor(width) as pool:
        until = time.perf_counter() + seconds
        return _timed(lambda: sum(pool.map(lambda _: _until(until, work), range(width))))


def _until(end: float, work: Callable[[], bytes]) -> int:
    count = 0
    while time.perf_counter() < end:
        work()
        count += 1
    return count


def _timed(work: Callable[[], int]) -> Leg:
    core = min(os.sched_getaffinity(0))
    used, busy, began = time.process_time(), core_seconds(core), time.perf_counter()
    count = work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    return Leg(count, seconds, cpu, max(0.0, core_seconds(core) - busy - cpu))


def leg(alg: str, seconds: float, core: int) -> Leg:
    """In a process of its own on the server's core, so that it meets what the server meets."""
    argv = [sys.executable, "-m", "bench.raw", alg, str(seconds)]
    with children_on(core):
        done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    count, wall, cpu, others = done.stdout.split()
    return Leg(int(count), float(wall), float(cpu), float(others))


def _main(alg: str, seconds: float) -> None:
    stay_on(min(os.sched_getaffinity(0)))
    run = hash_for
    if alg != ARGON2ID:
        run = partial(sign_for, sign=SIGNERS[alg](), message=os.urandom(MESSAGE_BYTES))
    run(WARM_UP)
    measured = run(seconds)
    print(measured.count, measured.seconds, measured.cpu, measured.others)


if __name__ == "__main__":
    _main(sys.argv[1], float(sys.argv[2]))
