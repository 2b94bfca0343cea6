"""The signing rate of one core, nothing around it. Run as `python -m bench.raw ALG SECONDS`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bench.cores import children_on, stay_on
from bench.footprint import core_seconds
from bench.leg import Leg
from bench.machine import ROOT

MESSAGE_BYTES = 400
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
    core = min(os.sched_getaffinity(0))
    count, used, busy = 0, time.process_time(), core_seconds(core)
    began = time.perf_counter()
    until = began + seconds
    while (now := time.perf_counter()) < until:
        sign(message)
        count += 1
    cpu = time.process_time() - used
    return Leg(count, now - began, cpu, max(0.0, core_seconds(core) - busy - cpu))


def leg(alg: str, seconds: float, core: int) -> Leg:
    """In a process of its own on the server's core, so that it meets what the server meets."""
    argv = [sys.executable, "-m", "bench.raw", alg, str(seconds)]
    with children_on(core):
        done = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True)
    count, wall, cpu, others = done.stdout.split()
    return Leg(int(count), float(wall), float(cpu), float(others))


if __name__ == "__main__":
    signer, text = SIGNERS[sys.argv[1]](), os.urandom(MESSAGE_BYTES)
    stay_on(min(os.sched_getaffinity(0)))
    sign_for(WARM_UP, signer, text)
    measured = sign_for(float(sys.argv[2]), signer, text)
    print(measured.count, measured.seconds, measured.cpu, measured.others)
