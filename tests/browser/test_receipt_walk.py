"""Bewijzen: a citizen takes a receipt home, and somebody who never heard of Werkpod has it checked. Without scripts."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
from playwright.sync_api import Locator
from support.visiting import Visitor


def _downloaded(link: Locator) -> bytes:
    with link.page.expect_download() as coming:
        link.click()
    return Path(coming.value.path()).read_bytes()


def test_a_receipt_goes_from_the_citizen_to_a_stranger_who_checks_it(visitor: Visitor, tmp_path: Path) -> None:
    """Sharing, stopping, reading and downloading the receipt, and checking it as a file: all without scripts."""
    citizen, stranger = visitor(java_script_enabled=False), visitor(java_script_enabled=False)
    citizen.sign_in("sanne").go("/regie/delen").follow("Al je bewijzen").heading("Bewijzen").reads("Carla Coach")
    citizen.follow("Begonnen met delen").heading("Begonnen met delen").reads(
        "Wie krijgt het?", "Carla Coach (een coach)"
    )
    file = tmp_path / "bewijs.jsonld"
    file.write_bytes(_downloaded(citizen.main.get_by_role("link", name="Download om te laten nakijken")))
    paper = pypdf.PdfReader(io.BytesIO(_downloaded(citizen.main.get_by_role("link", name="pdf"))))
    assert "Carla Coach" in paper.pages[0].extract_text()
    stranger.go("/bewijs").heading("Is dit bewijs echt?")
    stranger.page.get_by_label("Kies het bestand").set_input_files(file)
    stranger.press("Kijk na").reads("Dit bewijs is echt.", "begon het delen met Carla Coach", "Gemeente Voorbeeldstad")
    stranger.misses("Kijk hoe het nu is")
    file.write_bytes(file.read_bytes().replace(b"Carla", b"Karla"))
    stranger.page.get_by_label("Kies het bestand").set_input_files(file)
    stranger.press("Kijk na").reads("Dit bewijs klopt niet.", "Er is iets aan veranderd")
