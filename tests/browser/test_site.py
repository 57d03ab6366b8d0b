"""The site as a reader meets it: clicked through, searched, steered by keys, on paper and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.sample import write_sample
from tests.browser.conftest import ROOT, make_site
from tests.browser.large_lake import large_lake

Visit = Callable[..., Any]


def heading(page: Any) -> str:
    return str(page.locator("main h1").inner_text())


def focused(page: Any) -> str | None:
    found: str | None = page.evaluate("document.activeElement.dataset.node ?? null")
    return found


def test_what_the_last_run_made_of_a_table(tmp_path: Path, visit: Visit) -> None:
    data = tmp_path / "data"
    write_sample(data)
    make_site(tmp_path, ROOT / "pipeline.yaml", data)
    readings = data / "accelerometer" / "landing"
    first = min(readings.iterdir()).read_text(encoding="utf-8").splitlines(keepends=True)
    (readings / "new.json").write_text("".join(first[:30]), encoding="utf-8")
    site = make_site(tmp_path, ROOT / "pipeline.yaml", data, code=1)  # not the counts of the reference data any more
    told = {
        name: visit(site, f"#/table/{name}").locator("#run").inner_text()
        for name in ("customer_trusted", "accelerometer_trusted")
    }
    assert "Unchanged: what was there stays." in told["customer_trusted"]
    assert "Kept by what changed: +" in told["accelerometer_trusted"]
    assert "rows of its inputs" in told["accelerometer_trusted"]


def test_what_a_run_makes_leads_to_the_inputs(stedi_site: Path, visit: Visit) -> None:
    for viewport in ({"width": 1440, "height": 900}, {"width": 390, "height": 844}):
        page = visit(stedi_site, "#/table/machine_learning_curated", viewport=viewport)
        told = page.locator("#refresh li")
        assert told.locator("a").all_inner_texts() == [
            "accelerometer_trusted",
            "customers_curated",
            "step_trainer_trusted",
        ]
        assert "that it matches in the inner join step_trainer_trusted" in told.nth(2).inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        told.locator("a").nth(1).click()
        page.wait_for_url("**#/table/customers_curated")


def test_from_the_graph_to_the_proof(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site)
    assert page.locator("[data-node]").count() == 8
    page.click('[data-node="machine_learning_curated"]')
    page.wait_for_url("**/index.html#/table/machine_learning_curated")
    # The address comes first, then what is shown, then the title.
    page.wait_for_function("document.title.includes('machine_learning_curated')")
    assert heading(page) == "machine_learning_curated"

    page.click("table.columns a:has-text('serialnumber')")
    page.wait_for_url("**/column/serialnumber")
    page.wait_for_selector(".lineage .flow-compared", state="attached")
    picture = page.locator(".lineage")
    assert picture.locator(".card").count() == 6
    assert picture.locator(".flow").count() == 5
    assert picture.locator(".flow-compared").count() == 1
    assert "serialnumber ← serialNumber" in picture.text_content()
    story = page.locator(".story-words").inner_text()
    assert "Yes, though pseudonymous" in story
    assert "compared by semi join customers_curated" in story

    page.click("a.badge:has-text('consent research proven')")
    proof = page.locator("#consent").inner_text()
    assert "That is proven for every row" in proof
    assert "filter sharewithresearchasofdate is not null, which asks the customer's own record" in proof
    assert "The spec says so; no check can".lower() in proof.lower()
    assert page.locator(".proof > li").count() == 5

    page.click(".proof a:has-text('customer_trusted')")
    page.wait_for_url("**#/table/customer_trusted")
    page.go_back()
    page.wait_for_url("**/column/serialnumber")
    page.wait_for_selector(".lineage")
    page.go_back()
    page.wait_for_selector(".lineage", state="detached")


def test_pointing_at_a_table_lights_what_lies_before_and_after_it(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site)
    page.hover('[data-node="customer_trusted"]')
    lit = page.locator(".node.lit").evaluate_all("all => all.map((one) => one.dataset.node)")
    assert set(lit) == {
        "customer_landing", "customer_trusted", "accelerometer_trusted", "customers_curated", "step_trainer_trusted",
        "machine_learning_curated",
    }  # fmt: skip
    assert page.locator(".node.dim").count() == 2


def test_lines_can_be_switched_and_the_picture_zoomed(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site)
    counts = {kind: page.locator(f".graph > svg .edge-{kind}").count() for kind in ("rows", "matched", "checked")}
    assert counts == {"rows": 5, "matched": 5, "checked": 0}
    only = page.locator(".legend button:has-text('only checked')")
    assert only.evaluate("(one) => getComputedStyle(one).textDecorationLine") == "none"
    only.click()
    assert page.locator(".graph > svg .edge-checked").count() == 4
    content = page.locator(".graph > svg > g")
    before = content.get_attribute("transform")
    page.click("button[aria-label='Zoom in']")
    page.wait_for_function(
        "(old) => document.querySelector('.graph > svg > g').getAttribute('transform') !== old", arg=before
    )


def test_the_waterfall_shows_what_each_step_dropped(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, "#/table/customer_trusted")
    rows = page.locator(".waterfall tbody tr").all_inner_texts()
    assert [" ".join(row.split()) for row in rows] == [
        "rows read 956",
        "sharewithresearchasofdate is not null −474 without consent research 49.6%",
        "rows published 482",
    ]
    page = visit(stedi_site, "#/run")
    flow = " ".join(page.locator(".flow-table").inner_text().split())
    assert "−40,292 without a match in customer_trusted" in flow
    assert "+2,700 more by its matches" in flow
    assert "12 checks, all hold" in page.locator("#checks").inner_text()


def test_search_by_keys_alone(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site)
    page.keyboard.press("/")
    page.keyboard.type("birth")
    page.wait_for_selector("[role=option]")
    assert page.locator("[role=option]").first.inner_text().split() == ["birthday", "string", "in", "customer_landing"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/column/birthday")
    page.wait_for_selector("dialog.search", state="hidden")
    page.keyboard.press("/")
    page.keyboard.type("phone app")
    page.wait_for_selector("[role=option]:has-text('accelerometer_landing')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.search", state="hidden")
    assert page.url.endswith("/column/birthday")


def test_search_opened_again_at_once_begins_anew(stedi_site: Path, visit: Visit) -> None:
    """Whoever types faster than the browser tells of a dialog that closed: it then tells of nothing at all."""
    page = visit(stedi_site)
    page.keyboard.press("/")
    page.keyboard.type("birth")
    page.wait_for_selector("[role=option]")
    page.evaluate("""() => {
        const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        press(document.querySelector("dialog.search input"), "Enter");
        press(document.body, "/");
    }""")
    page.keyboard.type("phone app")
    page.wait_for_selector("[role=option]:has-text('accelerometer_landing')")
    assert page.locator("dialog.search input").input_value() == "phone app"


def test_the_graph_by_keys_alone(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site)
    page.focus('[data-node="accelerometer_landing"]')
    page.keyboard.press("ArrowRight")
    assert focused(page) == "accelerometer_trusted"
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "accelerometer_landing"
    page.keyboard.press("ArrowUp")
    assert focused(page) in {"customer_landing", "step_trainer_landing"}
    page.keyboard.press("Escape")
    assert focused(page) is None
    page.focus('[data-node="customer_trusted"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/table/customer_trusted")
    page.wait_for_function("() => document.activeElement.id === 'main'")
    page.focus("table.columns a >> nth=1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".lineage")
    page.keyboard.press("Escape")
    page.wait_for_selector(".lineage", state="detached")


def test_code_in_tabs(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, "#/table/customer_trusted")
    page.click("[role=tab]:has-text('Spark SQL')")
    assert "`sharewithresearchasofdate`" in page.locator("[role=tabpanel]").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=tab][aria-selected=true]").inner_text() == "DuckDB SQL"
    assert '"sharewithresearchasofdate"' in page.locator("[role=tabpanel]").inner_text()
    assert page.locator("[role=tabpanel] .hljs-keyword").count() > 1


def test_light_and_dark(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    switch = page.get_by_role("switch", name="Dark colours")
    assert switch.get_attribute("aria-checked") == "true"
    switch.click()
    assert switch.get_attribute("aria-checked") == "false"
    light = page.evaluate(paper)
    assert light != dark
    page.reload()
    page.wait_for_selector("main h1")
    assert page.evaluate(paper) == light
    assert visit(stedi_site, color_scheme="light").evaluate(paper) == light


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_page_is_wider_than_the_screen(width: int, stedi_site: Path, visit: Visit) -> None:
    names = ["customer_landing", "machine_learning_curated", "machine_learning_curated/column/serialnumber"]
    for where in ["#/", "#/run", "#/checks", *(f"#/table/{name}" for name in names)]:
        page = visit(stedi_site, where, viewport={"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where


def test_on_paper(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, "#/table/machine_learning_curated", color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator(".topbar").is_visible()
    assert not page.locator(".sidebar").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf()[:5] == b"%PDF-"


def test_how_files_lie_and_which_job_makes_them(tmp_path: Path, visit: Visit) -> None:
    columns = "columns: {id: bigint, at: timestamp}, partition_by: [day(at)], sort_by: [id desc]"
    (tmp_path / "pipeline.yaml").write_text(
        "version: 1\nlake: x\nzones: {landing: {}, kept: {}}\n"
        f"sources: {{raw: {{path: r/, {columns}, file_size: 128 MB}}}}\n"
        "tables:\n  some: {source: raw, zone: kept}\n  other: {source: raw, zone: kept}\n"
        "jobs: {both: {steps: [some, other]}}\n"
    )
    site = make_site(tmp_path, tmp_path / "pipeline.yaml")
    told = {name: visit(site, f"#/table/{name}").locator(".meta").inner_text().lower() for name in ("raw", "some")}
    raw = " ".join(told["raw"].split())
    assert "job raw partitioned by day(at) sorted by id desc file size up to 128 mb" in raw
    assert "job both, with other" in " ".join(told["some"].split())
    assert "partitioned by" not in told["some"]


def test_an_address_that_leads_nowhere(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, "#/table/<b>no</b>")
    assert heading(page) == "Not here"
    assert page.locator("main b").count() == 0
    assert heading(visit(stedi_site, "#/table/%E0%A4%A")) == "Not here"


def test_quarantined_lines_show_only_when_asked_for(
    dirty_shop: tuple[Path, Path], tmp_path: Path, visit: Visit
) -> None:
    site = make_site(tmp_path, *dirty_shop)
    assert "private-seven" not in site.read_text(encoding="utf-8")
    assert "order_id=106" not in site.read_text(encoding="utf-8")
    quarantine = visit(site, "#/run").locator("#quarantine").inner_text()
    assert "2 lines of 8" in quarantine
    assert "broken json" in quarantine
    site = make_site(tmp_path, dirty_shop[0], None, "--raw-lines", "2", "--reveal")
    assert "private-seven" in visit(site, "#/run").locator("#quarantine").inner_text()


def test_every_table_of_the_shop_opens(dirty_shop: tuple[Path, Path], tmp_path: Path, visit: Visit) -> None:
    page = visit(make_site(tmp_path, *dirty_shop))
    names = page.locator("[data-node]").evaluate_all("all => all.map((one) => one.dataset.node)")
    assert len(names) == 7
    for name in names:
        page.evaluate("(name) => { location.hash = `#/table/${name}` }", name)
        page.wait_for_function("(name) => document.querySelector('main h1').innerText === name", arg=name)
        for column in page.locator("table.columns tbody th").all_inner_texts():
            page.evaluate("([name, column]) => { location.hash = `#/table/${name}/column/${column}` }", [name, column])
            page.wait_for_function(
                "(id) => document.querySelector('.lineage')?.getAttribute('aria-label').includes(id)",
                arg=f"{name}.{column}",
            )


HOSTILE = "</script><b class=evil>x</b><img src=x onerror=alert(1)><!--"


def test_what_a_spec_says_is_shown_as_text(tmp_path: Path, visit: Visit) -> None:
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(
        f"""
version: 1
lake: hostile
description: '{HOSTILE}'
zones: {{landing: {{}}, trusted: {{}}}}
sources:
  raw:
    path: raw/
    description: '{HOSTILE}'
    columns:
      name: {{type: string, key: '{HOSTILE}', pii: true, description: '{HOSTILE}'}}
tables:
  shown:
    zone: trusted
    description: '{HOSTILE}'
    source: raw
    filter: name <> '{HOSTILE}'
    add: {{evil: "concat(name, '{HOSTILE}')"}}
    declassify: {{evil: '{HOSTILE}'}}
""",
        encoding="utf-8",
    )
    site = make_site(tmp_path, spec)
    page = visit(site)
    assert page.locator(".lead").inner_text() == HOSTILE
    for where in ("#/table/raw/column/name", "#/table/shown/column/evil"):
        page.evaluate("(where) => { location.hash = where }", where)
        page.wait_for_selector(".lineage")
        assert HOSTILE in page.locator("main").inner_text()
    page.keyboard.press("/")
    page.keyboard.type("shown")
    page.wait_for_selector("[role=option]")
    assert page.locator(".evil, img").count() == 0


def test_a_script_that_got_in_would_not_run(stedi_site: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(stedi_site.as_uri())
    page.wait_for_selector("main h1")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.ran = 1\">')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))")
    failed = "new Promise((done) => Object.assign(new Image(), { onerror: () => done('failed'), src: 'data:,' }))"
    assert page.evaluate(failed) == "failed"  # so the one before has failed too
    assert page.evaluate("window.ran ?? 0") == 0
    page.close()


@pytest.mark.parametrize(("width", "tables"), [(1440, 20), (1440, 60), (390, 60)])
def test_the_picture_of_twenty_to_sixty_tables_can_be_read_as_it_is(
    width: int, tables: int, tmp_path: Path, visit: Visit
) -> None:
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(with_views(large_lake(tables)), encoding="utf-8")
    page = visit(make_site(tmp_path, spec), viewport={"width": width, "height": 900})
    texts = page.locator(".node-name")
    shown = texts.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    names = texts.all_text_contents()
    assert len(names) == len(set(names)) == tables + 1 + max(1, tables // 6)
    assert all(box["height"] >= 11 and box["width"] > 0 for box in shown), "as large as other text"
    assert width < 640 or not any("…" in name for name in names)
    boxes = page.locator(".node .box").evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert not any(overlap(one, other) for number, one in enumerate(boxes) for other in boxes[:number])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lanes = page.locator(".band-name").all_text_contents()
    assert lanes[:4] == ["landing", "trusted", "views", "refined"]
    assert page.locator("[data-node]").count() == len(names)


def with_views(spec: str) -> str:
    """The spec with each third table as a view."""
    changed = re.sub(r"(?m)^(  \w+_events_\d*[0369]:\n.*\n)    zone: \w+$", r"\1    view: true", spec)
    assert changed != spec
    return changed


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    beside = one["right"] <= other["left"] or other["right"] <= one["left"]
    return not (beside or one["bottom"] <= other["top"] or other["bottom"] <= one["top"])


def test_all_that_is_checked_is_on_one_page(stedi_site: Path, visit: Visit) -> None:
    page = visit(stedi_site, "#/checks")
    text = page.locator("main").inner_text()
    assert "all hold" in text and "every email is of a customer with consent research" in text
    assert "Each customer_landing.email is one customer's" in text.replace("\n", " ")
    tests = page.locator("#tests").inner_text()
    assert "only customers who agreed are trusted" in tests and "stedi.yaml:" in tests
    assert page.locator(".topbar a[aria-current='page']").inner_text() == "Checks"
    page.click("main a:has-text('customer_trusted')")
    page.wait_for_url("**/table/customer_trusted")


def test_a_lake_of_three_hundred_tables(tmp_path: Path, visit: Visit) -> None:
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(large_lake(300), encoding="utf-8")
    page = visit(make_site(tmp_path, spec))
    assert page.locator("[data-node]").count() == 351
    boxes = page.locator(".node .box").evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    frame = page.locator(".graph").bounding_box()
    assert all(frame["x"] <= box["left"] and box["right"] <= frame["x"] + frame["width"] for box in boxes)
    assert all(frame["y"] <= box["top"] and box["bottom"] <= frame["y"] + frame["height"] for box in boxes)
    page.hover('[data-node="people_landing"]')
    assert "300 tables after it" in page.locator(".about").inner_text()
    page.fill("input[aria-label='Filter tables by name']", "events_17_")
    assert page.locator(".sidebar a").all_inner_texts() == ["events_17_landing"]
