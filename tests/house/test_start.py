"""What the server reads from disk before it answers its first request."""

import subprocess
import sys

SELDOM = ("joserfc", "lxml", "msal", "pyotp", "segno", "signxml")


def test_what_few_need_is_loaded_when_it_is_needed():
    """Libraries for assertions in XML, encrypted tokens and second factors cost nobody time at the start."""
    loaded = "{name.split('.')[0] for name in sys.modules}"
    program = f"import sys, sekisho.server; print(sorted({set(SELDOM)!r} & {loaded}))"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
