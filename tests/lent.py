"""Files of root's that are lent to a group, and the one who reads them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from tests.outside import leave_out

NOBODY = 65_534


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder of root's that everybody may look into."""
    if os.geteuid() != 0:
        leave_out("only root can lend a file to a group and become somebody else")
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        rmtree(folder)


def lend(file: Path, mode: int) -> None:
    """The file is root's, for the group of somebody else."""
    os.chown(file, 0, NOBODY)
    file.chmod(mode)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """This process without the rights of root."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
