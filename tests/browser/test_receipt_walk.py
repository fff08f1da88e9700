"""Bewijzen: a citizen takes a receipt home, and somebody who never heard of Werkpod has it checked. Without scripts."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
from playwright.sync_api import Locator
from support.looking import wrong
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


def test_the_pages_of_receipts_are_accessible_and_fit_a_narrow_screen(visitor: Visitor, tmp_path: Path) -> None:
    """List, receipt with its numbers unfolded, check page, both outcomes: nothing for axe to say, at every width."""
    citizen = visitor().sign_in("karim")
    citizen.go("/regie/bewijzen").heading("Bewijzen")
    found = [*wrong(citizen.page, "receipts")]
    citizen.follow("Begonnen met delen").heading("Begonnen met delen").page.locator("main summary").click()
    found += wrong(citizen.page, "receipt")
    file = tmp_path / "bewijs.jws"
    file.write_bytes(_downloaded(citizen.main.get_by_role("link", name="jws")))
    stranger = visitor()
    stranger.go("/bewijs").heading("Is dit bewijs echt?").page.locator("main summary").click()
    found += wrong(stranger.page, "receipt-check")
    stranger.page.get_by_label("Kies het bestand").set_input_files(file)
    stranger.press("Kijk na").reads("Dit bewijs is echt.").page.locator("main summary").first.click()
    found += wrong(stranger.page, "receipt-real")
    stranger.go("/bewijs").page.locator("main summary").click()
    stranger.fill("De hele tekst van het bestand", "niets").press("Kijk na").reads("Dit bewijs klopt niet.")
    found += wrong(stranger.page, "receipt-wrong")
    assert found == []
