"""The same slip in the printer's own letters (GB 18030), for a machine without a Chinese font."""

from escpos.printer import Dummy

from shop.printing.slip import Slip

CHINESE_ON = b"\x1c&"  # FS &
CENTER, LEFT = b"\x1ba\x01", b"\x1ba\x00"
LARGE, NORMAL = b"\x1d!\x11", b"\x1d!\x00"
BOLD, THIN = b"\x1bE\x01", b"\x1bE\x00"
COLUMNS = 48  # of the printer's smaller letters on 72 mm


def encode(words: str) -> bytes:
    """Return the printer's bytes; U+00A5 would come out as junk, so it becomes the full-width yen sign."""
    return words.replace("\u00a5", "\uffe5").encode("gb18030", errors="replace")


def native_slip(slip: Slip) -> bytes:
    """Return the slip as commands of the printer."""
    out = _Roll()
    if slip.copy:
        out.center(f"*** {slip.say('copy')} {slip.copy} ***", large=True)
    out.center(slip.shop_name)
    out.center(slip.number, large=True)
    if slip.dead:
        out.center(slip.say("cancelled"), large=True)
    out.center(f"{slip.how} {slip.due_day}")
    out.center(slip.due_clock, large=True)
    if slip.urgent:
        out.center(slip.say("rush"), large=True)
    out.qr(slip.url, 6)
    out.center(slip.say("follow"))
    if slip.local:
        out.center(slip.say("local"))
    if slip.counter_code:
        out.center(f"{slip.say('pay_here')}: {slip.counter_code}", large=True)
        out.center(slip.say("pay_until", time=slip.pay_until))
    for line in slip.lines:
        out.rule()
        out.row(f"{line.name} {line.size}", f"x{line.quantity}")
        for words in (line.also, " ".join(line.options), line.inscription):
            if words:
                out.row(words, "")
        for words, amount in line.parts:
            out.row("  " + words, slip.money(amount))
        out.row(line.allergens, "")
    out.rule()
    if slip.allergies:
        out.center(slip.say("allergy", list=slip.allergies), large=True)
    if slip.fee:
        out.row(slip.how, slip.money(slip.fee))
    if slip.discount:
        out.row(slip.say("discount"), slip.money(-slip.discount))
    out.row(slip.say("total"), slip.money(slip.total, symbol=True))
    out.row(slip.say("balance"), slip.money(slip.balance, symbol=True))
    for line in slip.lines:
        for cake in line.cakes:
            out.qr(cake.url, 3)
            out.center(f"{cake.place} {cake.code}")
    out.rule()
    for witness in slip.witnesses:
        out.center(witness)
    out.center(slip.say("fold"))
    out.center(f"{slip.say('pin')} {slip.pin}", large=True)
    return out.cut()


def native_labels(slip: Slip) -> bytes:
    """Return one label for each cake as commands of the printer."""
    out = _Roll()
    for line in slip.lines:
        for cake in line.cakes:
            out.center(f"{slip.number}  {slip.due_clock}", large=True)
            if not slip.pickup:
                out.row(slip.how, slip.say("leave_by", time=slip.leave_by))
            out.row(f"{line.name} {line.size}", cake.place)
            for words in (" ".join(line.options), line.inscription, line.allergens):
                if words:
                    out.row(words, "")
            if slip.allergies:
                out.center(slip.say("allergy", list=slip.allergies), large=True)
            if cake.hidden:
                out.center(slip.say("envelope", amount=slip.money(cake.hidden, symbol=True)), large=True)
            out.qr(cake.url, 4)
            out.center(cake.code)
            out.cut()
    return bytes(out.printer.output)


class _Roll:
    def __init__(self) -> None:
        self.printer = Dummy(profile="TM-T20II")
        self.printer.hw("INIT")
        self.printer._raw(CHINESE_ON)

    def center(self, words: str, *, large: bool = False) -> None:
        """Write one sentence in the middle."""
        look = (LARGE + BOLD, NORMAL + THIN) if large else (b"", b"")
        self.printer._raw(CENTER + look[0] + encode(words) + b"\n" + look[1] + LEFT)

    def row(self, left: str, right: str) -> None:
        """Write a name and its amount; a Chinese letter takes two columns, as it takes two bytes."""
        room = COLUMNS - len(encode(left)) - len(encode(right))
        self.printer._raw(encode(left) + (b" " * room if room > 0 else b"\n") + encode(right) + b"\n")

    def rule(self) -> None:
        """Draw a line across."""
        self.printer._raw(b"-" * COLUMNS + b"\n")

    def qr(self, text: str, size: int) -> None:
        """Let the printer draw the code."""
        self.printer._raw(CENTER)
        self.printer.qr(text, size=size, native=True)
        self.printer._raw(LEFT)

    def cut(self) -> bytes:
        """Cut, and return everything so far."""
        self.printer.cut()
        return bytes(self.printer.output)
