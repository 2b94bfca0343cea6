"""XML: the one place where it is parsed, and where it is made out of values."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from sekisho.spec.saml import names
from sekisho.spec.saml.node import Node

# lxml comes without types.
Element: TypeAlias = Any

MOST_BYTES = 64 * 1024
# What XML 1.0 has no way to write (section 2.2).
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(rb"<\?xml [^<>?]{0,100}\?>")
_PREFIXES: Mapping[str, Mapping[str | None, str]] = {
    names.METADATA: {
        None: names.METADATA,
        "fed": names.FEDERATION,
        "wsa": names.ADDRESSING,
        "xsi": names.INSTANCE,
    },
}


class XmlUnusable(ValueError):
    """It is no XML that is read here; the text says why."""


def parsed(text: bytes) -> Element:
    """The root of a document: UTF-8, elements and texts, and nothing that means something else elsewhere.

    Comments split texts for some and not for others, and a DTD can do anything, so there is neither.
    """
    from lxml import etree

    _is_plain(text)
    try:
        root = etree.fromstring(text, _parser())
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise XmlUnusable(f"no XML: {wrong}") from wrong
    for each in root.iter():
        if not isinstance(each.tag, str):
            raise XmlUnusable("there is something else in it than elements and texts")
    return root


def made(node: Node) -> Element:
    """The element that a value describes. Texts are texts: nothing in them begins an element."""
    from lxml import etree

    namespace = node.name[1:].partition("}")[0]
    root = etree.Element(node.name, nsmap=dict(_PREFIXES.get(namespace, {None: namespace})))
    _fill(root, node)
    return root


def written(root: Element) -> bytes:
    """The document, in UTF-8 and without a declaration, which that does not need."""
    from lxml import etree

    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=False))


def text_of(element: Element) -> str:
    """The whole text of an element that has no others in it."""
    if len(element):
        raise XmlUnusable(f"{element.tag} has elements where a text belongs")
    return str(element.text or "")


def _fill(element: Element, node: Node) -> None:
    from lxml import etree

    for name, value in node.attributes.items():
        element.set(name, _speakable(value))
    if isinstance(node.inside, str):
        element.text = _speakable(node.inside)
        return
    for each in node.inside:
        namespace, _, local = each.name[1:].partition("}")
        alone = namespace not in element.nsmap.values()
        nsmap = {None: namespace} if alone else None
        _fill(etree.SubElement(element, f"{{{namespace}}}{local}", nsmap=nsmap), each)


def _speakable(text: str) -> str:
    """What cannot be written is replaced by the character that stands for it."""
    return _UNSPEAKABLE.sub("\ufffd", text)


def _is_plain(text: bytes) -> None:
    """Looked at before any parser is: whatever one of them would make of it."""
    if len(text) > MOST_BYTES:
        raise XmlUnusable(f"{len(text)} bytes, more than {MOST_BYTES}")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise XmlUnusable("not UTF-8") from wrong
    body = _DECLARATION.sub(b"", text, count=1) if text.startswith(b"<?xml ") else text
    if b"<!" in body or b"<?" in body or b"\0" in body:
        raise XmlUnusable("there is a declaration, a comment or an instruction in it")


def _parser() -> Any:  # noqa: ANN401 - lxml comes without types
    """Nothing is fetched, expanded or guessed; whatever encoding is declared, it is UTF-8."""
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )
