"""What an operator and a reviewer press between a draft that is ready and a campaign that is live."""

from playwright.sync_api import expect

from tests.browser.desks import Desk

NAME = "Spring"


def acknowledge(desk: Desk) -> None:
    """From the rehearsal with its one warning on to the review."""
    say, page, press = desk.say, desk.page, desk.press
    boxes = page.get_by_role("checkbox", name=say("I have read this"))
    expect(boxes).to_have_count(1)
    desk.tick(boxes)
    press(desk.button("Acknowledge what is ticked"))
    expect(page.get_by_role("heading", name=say("Nothing stands in the way"))).to_be_visible()
    press(desk.link("Go on to the review"))


def submit(desk: Desk, note: str) -> None:
    desk.write("note", note)
    desk.press(desk.button("Submit for review"))
    desk.sees("“%(campaign)s” waits for somebody else to approve it.", campaign=NAME)
    # Whoever asked does not decide.
    expect(desk.button("Approve and publish")).to_have_count(0)


def open_request(desk: Desk) -> None:
    """From the home page by the inbox to what is asked."""
    desk.page.goto(f"{desk.address}/admin/")
    desk.press(desk.page.locator("a[href$='/operations/approvalrequest/']").first)
    desk.press(desk.page.locator(".approval-list a", has_text=NAME))


def approve(desk: Desk, shown: str) -> None:
    open_request(desk)
    expect(desk.page.locator("section[aria-labelledby=difference]")).to_contain_text(shown)
    desk.press(desk.button("Approve and publish"))
    desk.sees("“%(campaign)s” is published as it was submitted.", campaign=NAME)


def approve_with_its_warning(desk: Desk, shown: str) -> None:
    """As `approve`; whoever approves takes note of the warning too."""
    open_request(desk)
    expect(desk.page.locator("section[aria-labelledby=difference]")).to_contain_text(shown)
    desk.press(desk.button("Approve and publish"))
    acknowledge(desk)
    desk.press(desk.button("Approve and publish"))
    desk.sees("“%(campaign)s” is published as it was submitted.", campaign=NAME)
