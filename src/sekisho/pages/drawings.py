"""The drawings that a page carries in its one sprite: icons, crests, the mark."""

from collections.abc import Mapping

# 20 px grid, stroke 1.5
ICONS: Mapping[str, str] = {
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "clock": '<circle cx="10" cy="10" r="7.25"/><path d="M10 5.75V10l2.75 2"/>',
    "copy": (
        '<rect x="7" y="7" width="9.75" height="9.75" rx="1.75"/>'
        '<path d="M4.25 13h-.5A.75.75 0 0 1 3 12.25V4.5A1.5 1.5 0 0 1 4.5 3h7.75a.75.75 0 0 1 .75.75v.5"/>'
    ),
    "home": '<path d="M3.25 9.25 10 3.5l6.75 5.75M5.25 8v8.5h9.5V8M8.25 16.5v-4.25h3.5v4.25"/>',
    "laptop": '<rect x="4" y="4" width="12" height="8.75" rx="1.5"/><path d="M2 15.5h16"/>',
    "lock": '<rect x="4.5" y="9" width="11" height="8" rx="1.75"/><path d="M7 9V6.25a3 3 0 0 1 6 0V9"/>',
    "logout": '<path d="M8 3.5H4v13h4M8.5 10H17M13.5 6.5 17 10l-3.5 3.5"/>',
    "mail": '<rect x="2.5" y="4.5" width="15" height="11" rx="2"/><path d="m3 6 7 5 7-5"/>',
    "pass": '<circle cx="10" cy="10" r="7.25"/><path d="m6.75 10.25 2.25 2.25 4.25-4.75"/>',
    "phone": '<rect x="6" y="2.5" width="8" height="15" rx="1.75"/><path d="M9.25 15h1.5"/>',
    "stop": '<circle cx="10" cy="10" r="7.25"/><path d="M6.5 10h7"/>',
    "theme": (
        '<circle cx="10" cy="10" r="6.5"/>'
        '<path fill="currentColor" stroke="none" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/>'
    ),
    "user": '<circle cx="10" cy="6.75" r="3"/><path d="M4 16.75c0-3.2 2.5-5.25 6-5.25s6 2.05 6 5.25"/>',
    "wait": '<circle cx="10" cy="10" r="7.25"/>',
}

# 32 px grid, filled
CRESTS: Mapping[str, str] = {
    "a": (
        '<circle cx="16" cy="11" r="4.2"/><circle cx="10.6" cy="19.8" r="4.2"/>'
        '<circle cx="21.4" cy="19.8" r="4.2"/>'
    ),
    "b": (
        '<path d="M16 6a10 10 0 0 0-9.2 6h18.4A10 10 0 0 0 16 6zM6.1 14.4h19.8v3.2H6.1zM6.8 20a10 10 0 0 0 '
        '18.4 0z"/>'
    ),
    "c": (
        '<path d="M16 5.5l4.5 4.75L16 15l-4.5-4.75zM16 17l4.5 4.75L16 26.5l-4.5-4.75zM10.25 11.25 14.75 '
        '16l-4.5 4.75L5.75 16zM21.75 11.25 26.25 16l-4.5 4.75L17.25 16z"/>'
    ),
    "d": (
        '<g fill="none" stroke="currentColor" stroke-width="3"><circle cx="12.5" cy="16" r="6"/>'
        '<circle cx="19.5" cy="16" r="6"/></g>'
    ),
    "e": '<path d="M16 6.5l5.2 9H10.8zM10.4 16.5l5.2 9H5.2zM21.6 16.5l5.2 9H16.4z"/>',
    "f": (
        '<g fill="none" stroke="currentColor" stroke-width="2.6"><rect x="7" y="7" width="18" height="18"/>'
        '<rect x="12" y="12" width="8" height="8"/></g>'
    ),
    "g": '<path d="M6 9h20v3.5H6zM6 14.25h20v3.5H6zM6 19.5h20V23H6z"/>',
    "h": (
        '<path d="M16 5.5A10.5 10.5 0 0 0 5.5 16h6A4.5 4.5 0 0 1 16 11.5zM16 26.5A10.5 10.5 0 0 0 26.5 '
        '16h-6a4.5 4.5 0 0 1-4.5 4.5z"/><circle cx="22" cy="10" r="3"/><circle cx="10" cy="22" r="3"/>'
    ),
}

# 24 px grid, stroke 2.25
MARK = (
    '<path d="M6 2.500v19M18 2.500v19M1.750 7h20.5" fill="none" stroke="currentColor" stroke-width="2.25" '
    'stroke-linecap="square"/><path d="M12 7v3" fill="none" stroke="currentColor" stroke-width="1.25"/>'
    '<rect class="f" x="9.75" y="9.75" width="4.5" height="6" rx="1.5"/>'
)
