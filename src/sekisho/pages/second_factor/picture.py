"""The QR code of an address, as a drawing that needs no script and no request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """Its width in dots, the quiet zone included, and the path of what is dark."""

    width: int
    path: str


def picture(text: str) -> Picture:
    """Medium correction: a screen is clean, and fewer dots are read faster."""
    # Most who sign in never see one: it is loaded with the first.
    import segno  # noqa: PLC0415

    drawn = segno.make(text, error="m", micro=False)
    rows = tuple(map(bytes, drawn.matrix_iter(border=4)))
    return Picture(len(rows), "".join(_row(row, y) for y, row in enumerate(rows)))


def _row(row: bytes, y: int) -> str:
    """Each stretch of dark dots is one rectangle."""
    told, x = [], 0
    while x < len(row):
        wide = next((at for at in range(x, len(row)) if not row[at]), len(row)) - x
        if wide:
            told.append(f"M{x} {y}h{wide}v1h-{wide}z")
        x += wide or 1
    return "".join(told)
