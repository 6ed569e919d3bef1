"""The slip for a till printer: drawn dot by dot, so that Chinese never depends on the printer's own letters."""

from escpos.printer import Dummy
from PIL import Image

from shop.printing.fonts import chinese_face
from shop.printing.native import native_labels, native_slip
from shop.printing.sheet import Sheet
from shop.printing.slip import Slip, SlipLine

PROFILE = "TM-T20II"  # any 576-dot printer that knows GS v 0: they all do

CAKE = 300  # dots: about 37 mm, where five piped characters can still be read


def slip_bytes(slip: Slip) -> bytes:
    """Return what the printer is sent for one slip: raster where this machine has a Chinese font."""
    picture = slip_image(slip)
    return native_slip(slip) if picture is None else raster([picture])


def label_bytes(slip: Slip) -> bytes:
    """Return what the printer is sent for the boxes: one label for each cake, cut apart."""
    pictures = label_images(slip)
    return native_labels(slip) if pictures is None else raster(pictures)


def raster(pictures: list[Image.Image]) -> bytes:
    """Return ESC/POS that prints each picture and cuts after it."""
    printer = Dummy(profile=PROFILE)
    for picture in pictures:
        printer.hw("INIT")
        printer.image(picture, impl="bitImageRaster", fragment_height=480)
        printer.cut()
    return bytes(printer.output)


def slip_image(slip: Slip) -> Image.Image | None:
    """Draw the slip, or return None where there is no Chinese font."""
    sheet = _sheet(slip)
    if sheet is None:
        return None
    _head(sheet, slip)
    for line in slip.lines:
        _line(sheet, slip, line)
    _sums(sheet, slip)
    for line in slip.lines:
        _codes(sheet, line)
    _foot(sheet, slip)
    return sheet.image()


def label_images(slip: Slip) -> list[Image.Image] | None:
    """Draw the label of each box, or return None where there is no Chinese font."""
    labels = []
    for line in slip.lines:
        for cake in line.cakes:
            sheet = _sheet(slip)
            if sheet is None:
                return None
            if slip.copy:
                sheet.text(slip.say("copy"), 28, bold=True, inverse=True)
            sheet.row(slip.number, slip.due_clock, 56, bold=True)
            sheet.row(slip.due_day, cake.place, 26)
            if not slip.pickup:
                sheet.text(slip.how, 32, bold=True, inverse=True)
                sheet.text(slip.say("leave_by", time=slip.leave_by), 26)
            sheet.text(f"{line.name} {line.size}", 36, bold=True)
            if line.also:
                sheet.text(line.also, 26)
            if line.options:
                sheet.text(" · ".join(line.options), 26)
            if slip.allergies:
                sheet.text(slip.say("allergy", list=slip.allergies), 30, bold=True, inverse=True)
            if cake.hidden:
                amount = slip.money(cake.hidden, symbol=True)
                sheet.text(slip.say("envelope", amount=amount), 30, bold=True, inverse=True)
            sheet.text(line.allergens, 24)
            sheet.gap(4)
            words = [(line.inscription, 32, True)] if line.inscription else []
            sheet.beside([*words, (cake.code, 26, True)], 200, sheet.qr(cake.url, 190, x=0))
            labels.append(sheet.image())
    return labels


def _sheet(slip: Slip) -> Sheet | None:
    regular, bold = chinese_face(slip.language), chinese_face(slip.language, bold=True)
    return Sheet(regular, bold) if regular and bold else None


def _head(sheet: Sheet, slip: Slip) -> None:
    if slip.copy:
        sheet.text(f"{slip.say('copy')} {slip.copy}", 32, bold=True, inverse=True)
    sheet.text(slip.shop_name, 34, bold=True, center=True)
    sheet.text(slip.number, 104, bold=True, center=True)
    if slip.dead:
        sheet.text(slip.say("cancelled"), 36, bold=True, inverse=True)
    sheet.text(f"{slip.how}  {slip.due_day}", 32, center=True)
    sheet.text(slip.due_clock, 60, bold=True, center=True)
    if slip.urgent:
        sheet.text(slip.say("rush"), 34, bold=True, inverse=True)
    sheet.qr(slip.url, 300)
    sheet.text(slip.say("follow"), 24, center=True)
    if slip.local:
        sheet.text(slip.say("local"), 22, center=True)
    if slip.counter_code:
        sheet.gap()
        sheet.text(slip.say("pay_here"), 32, bold=True, inverse=True)
        sheet.text(" ".join(slip.counter_code), 60, bold=True, center=True)
        sheet.text(slip.say("pay_until", time=slip.pay_until), 24, center=True)
    sheet.rule()


def _line(sheet: Sheet, slip: Slip, line: SlipLine) -> None:
    sheet.row(f"{line.name} {line.size}", f"× {line.quantity}" if line.quantity > 1 else "", 32, bold=True)
    if line.also:
        sheet.text(line.also, 24)
    if line.options:
        sheet.text(" · ".join(line.options), 24)
    sheet.picture(line.drawing, CAKE)
    if line.inscription:
        sheet.text(line.inscription, 34, bold=True, center=True)
    for words, amount in line.parts:
        sheet.row(words, slip.money(amount), 26, indent=20)
    if line.quantity > 1:
        sheet.row(
            f"{slip.money(line.total // line.quantity)} × {line.quantity}", slip.money(line.total), indent=20
        )
    sheet.text(line.allergens, 24)
    sheet.gap(14)


def _sums(sheet: Sheet, slip: Slip) -> None:
    if slip.allergies:
        sheet.text(slip.say("allergy", list=slip.allergies), 30, bold=True, inverse=True)
    sheet.rule()
    if slip.fee:
        sheet.row(slip.how, slip.money(slip.fee), 26)
    if slip.discount:
        sheet.row(slip.say("discount"), slip.money(-slip.discount), 26)
    sheet.row(slip.say("total"), slip.money(slip.total, symbol=True), 36, bold=True)
    if slip.paid:
        sheet.row(slip.say("paid"), slip.money(slip.paid, symbol=True), 28)
    if slip.balance:
        sheet.row(slip.say("balance"), slip.money(slip.balance, symbol=True), 32, bold=True)
    else:
        sheet.text(slip.say("paid_up"), 26)
    sheet.rule()


def _codes(sheet: Sheet, line: SlipLine) -> None:
    """One code for each cake, its name beside it."""
    for cake in line.cakes:
        about = f"{line.name} {line.size}"
        size = sheet.qr(cake.url, 150, x=0)
        sheet.beside([(about, 26, True), (cake.place, 24, False), (cake.code, 24, False)], size + 6, size)
        sheet.gap(14)  # so that a phone never takes the neighbour


def _foot(sheet: Sheet, slip: Slip) -> None:
    if slip.phone:
        sheet.text(slip.say("call", phone=slip.phone), 24, center=True)
    if slip.address:
        sheet.text(slip.address, 22, center=True)
    sheet.text(slip.say("placed", time=slip.placed), 22, center=True)
    for witness in slip.witnesses:
        sheet.text(witness, 20, center=True)
    sheet.rule()
    sheet.text(slip.say("fold"), 22, center=True)
    sheet.gap(30)
    sheet.text(f"{slip.say('pin')}  {' '.join(slip.pin)}", 44, bold=True, center=True)
    sheet.text(slip.pin_why, 22, center=True)
