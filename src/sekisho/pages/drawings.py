"""The drawings that a page carries in its one sprite: icons, crests, the mark."""

from collections.abc import Mapping

# 20 px grid, stroke 1.5
ICONS: Mapping[str, str] = {
    "activity": '<path d="M2.5 10.5h3L8 4.5l4 11 2.5-5h3"/>',
    "api": (
        '<path d="M8 3.5c-2.6 0-1.6 3.2-1.9 4.6C5.9 9.4 5 10 3.5 10c1.5 0 2.4.6 2.6 1.9.3 1.4-.7 4.6 '
        "1.9 4.6M12 3.5c2.6 0 1.6 3.2 1.9 4.6.2 1.3 1.1 1.9 2.6 1.9-1.5 0-2.4.6-2.6 1.9-.3 1.4.7 "
        '4.6-1.9 4.6"/>'
    ),
    "app": (
        '<rect x="2.75" y="3.5" width="14.5" height="13" rx="2"/><path d="M2.75 7.5h14.5"/><path '
        'd="M5.3 5.5h.1M7.6 5.5h.1"/>'
    ),
    "arrow": '<path d="M4 10h12M11.5 5.5 16 10l-4.5 4.5"/>',
    "bag": '<path d="M4.5 7h11l.75 9.5H3.75zM7.25 9V5.75a2.75 2.75 0 0 1 5.5 0V9"/>',
    "book": (
        '<path d="M10 5.5C8.5 4.25 6.25 3.75 3 3.75v11.5c3.25 0 5.5.5 7 1.75 1.5-1.25 3.75-1.75 '
        '7-1.75V3.75c-3.25 0-5.5.5-7 1.75zM10 5.5V17"/>'
    ),
    "calendar": ('<rect x="3" y="4" width="14" height="13" rx="2"/><path d="M3 8.25h14M7 2.5V5M13 2.5V5"/>'),
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "claim": (
        '<path d="M7 3.5H5.5A1.75 1.75 0 0 0 3.75 5.25v3L2.5 10l1.25 1.75v3A1.75 1.75 0 0 0 5.5 16.5H7M13 '
        "3.5h1.5a1.75 1.75 0 0 1 1.75 1.75v3L17.5 10l-1.25 1.75v3a1.75 1.75 0 0 1-1.75 1.75H13M7.5 "
        '10h.1M10 10h.1M12.5 10h.1"/>'
    ),
    "clock": '<circle cx="10" cy="10" r="7.25"/><path d="M10 5.75V10l2.75 2"/>',
    "copy": (
        '<rect x="7" y="7" width="9.75" height="9.75" rx="1.75"/><path d="M4.25 13h-.5A.75.75 0 0 1 '
        '3 12.25V4.5A1.5 1.5 0 0 1 4.5 3h7.75a.75.75 0 0 1 .75.75v.5"/>'
    ),
    "device": '<rect x="2.5" y="4" width="15" height="10" rx="1.5"/><path d="M7 17h6M10 14v3"/>',
    "doc": '<path d="M5 2.75h6.5L15.5 7v10.25H5zM11.25 3v4.25h4M8 11h4.5M8 14h4.5"/>',
    "dots": (
        '<circle fill="currentColor" stroke="none" cx="4.5" cy="10" r="1.35"/><circle '
        'fill="currentColor" stroke="none" cx="10" cy="10" r="1.35"/><circle fill="currentColor" '
        'stroke="none" cx="15.5" cy="10" r="1.35"/>'
    ),
    "down": '<path d="m5.5 8 4.5 4.5L14.5 8"/>',
    "download": '<path d="M10 3v9.5M6 8.75l4 4 4-4M3.5 16.5h13"/>',
    "faces": (
        '<path d="M12.25 8.25v-3a1.5 1.5 0 0 0-1.5-1.5h-6.5a1.5 1.5 0 0 0-1.5 1.5V10a1.5 1.5 0 0 0 '
        '1.5 1.5v2.25L7 11.5"/><path d="M9.25 8.25h6.5a1.5 1.5 0 0 1 1.5 1.5V14a1.5 1.5 0 0 1-1.5 '
        '1.5v2l-2.5-2h-4a1.5 1.5 0 0 1-1.5-1.5V9.75a1.5 1.5 0 0 1 1.5-1.5z"/>'
    ),
    "flow": (
        '<path d="M4 3v14M16 3v14M4 7.25h9.5M11.25 5l2.25 2.25-2.25 2.25M16 13H6.5M8.75 10.75 6.5 '
        '13l2.25 2.25"/>'
    ),
    "globe": (
        '<circle cx="10" cy="10" r="7.25"/><path d="M2.75 10h14.5M10 2.75c2.2 2 3.2 4.4 3.2 '
        '7.25S12.2 15.25 10 17.25C7.8 15.25 6.8 12.85 6.8 10s1-5.25 3.2-7.25z"/>'
    ),
    "home": '<path d="M3.25 9.25 10 3.5l6.75 5.75M5.25 8v8.5h9.5V8M8.25 16.5v-4.25h3.5v4.25"/>',
    "info": '<circle cx="10" cy="10" r="7.25"/><path d="M10 9.25v4.25M10 6.5v.1"/>',
    "key": (
        '<circle cx="6.75" cy="13.25" r="3.5"/><path d="M9.25 10.75 16.5 3.5M13.25 6.75l2.5 2.5M11 '
        '9l1.75 1.75"/>'
    ),
    "laptop": '<rect x="4" y="4" width="12" height="8.75" rx="1.5"/><path d="M2 15.5h16"/>',
    "left": '<path d="M12 5.5 7.5 10l4.5 4.5"/>',
    "lock": ('<rect x="4.5" y="9" width="11" height="8" rx="1.75"/><path d="M7 9V6.25a3 3 0 0 1 6 0V9"/>'),
    "logout": '<path d="M8 3.5H4v13h4M8.5 10H17M13.5 6.5 17 10l-3.5 3.5"/>',
    "mail": '<rect x="2.5" y="4.5" width="15" height="11" rx="2"/><path d="m3 6 7 5 7-5"/>',
    "menu": '<path d="M3 5.5h14M3 10h14M3 14.5h14"/>',
    "overview": '<path d="M3.5 16.5v-5M8 16.5v-9M12.5 16.5v-6M17 16.5V3.5"/>',
    "pass": '<circle cx="10" cy="10" r="7.25"/><path d="m6.75 10.25 2.25 2.25 4.25-4.75"/>',
    "passkey": (
        '<circle cx="8" cy="6.5" r="2.75"/><path d="M2.75 16c0-2.8 2.2-4.75 5.25-4.75.9 0 1.7.15 '
        '2.4.45"/><circle cx="14.5" cy="10.5" r="2.25"/><path d="M14.5 12.75v4.5M14.5 15.25h1.75"/>'
    ),
    "phone": '<rect x="6" y="2.5" width="8" height="15" rx="1.75"/><path d="M9.25 15h1.5"/>',
    "play": '<path d="M6 4.25 15.5 10 6 15.75z"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "policy": '<path d="M4.75 2.75v14.5M15.25 2.75v14.5M2 6.25h16M8 17.25V13a2 2 0 0 1 4 0v4.25"/>',
    "portal": '<path d="M3 17h14M4.5 17V8.5L10 4l5.5 4.5V17M8 17v-4.5a2 2 0 0 1 4 0V17"/>',
    "refresh": '<path d="M16.25 10a6.25 6.25 0 1 1-1.9-4.5M16.25 3v3.25H13"/>',
    "right": '<path d="m8 5.5 4.5 4.5L8 14.5"/>',
    "role": (
        '<rect x="2.5" y="4" width="15" height="12" rx="2"/><circle cx="7" cy="8.75" r="1.75"/><path '
        'd="M4.5 13.25c.4-1.2 1.3-1.75 2.5-1.75s2.1.55 2.5 1.75M12 8.25h3M12 11.75h3"/>'
    ),
    "search": '<circle cx="9" cy="9" r="5.25"/><path d="m13 13 4 4"/>',
    "settings": (
        '<path d="M3 6h6M13 6h4M3 14h3M10 14h7"/><circle cx="11" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>'
    ),
    "stop": '<circle cx="10" cy="10" r="7.25"/><path d="M6.5 10h7"/>',
    "theme": (
        '<circle cx="10" cy="10" r="6.5"/><path fill="currentColor" stroke="none" d="M10 3.5a6.5 6.5 '
        '0 0 1 0 13z"/>'
    ),
    "trash": ('<path d="M3.5 5.5h13M8 5.25V3.5h4v1.75M5 5.5l.75 11h8.5l.75-11M8.5 9v4.25M11.5 9v4.25"/>'),
    "up": '<path d="m5.5 12 4.5-4.5 4.5 4.5"/>',
    "updown": '<path d="m6.5 8 3.5-3.5L13.5 8M6.5 12l3.5 3.5 3.5-3.5"/>',
    "user": ('<circle cx="10" cy="6.75" r="3"/><path d="M4 16.75c0-3.2 2.5-5.25 6-5.25s6 2.05 6 5.25"/>'),
    "users": (
        '<circle cx="7.5" cy="7" r="2.75"/><path d="M2.5 16c0-2.8 2.1-4.75 5-4.75s5 1.95 5 4.75M13 '
        '4.5a2.75 2.75 0 0 1 0 5M14.75 11.75c1.7.7 2.75 2.2 2.75 4.25"/>'
    ),
    "wait": '<circle cx="10" cy="10" r="7.25"/>',
    "warn": '<path d="M10 3.25 17.75 16.5H2.25zM10 8v4M10 14.2v.1"/>',
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
