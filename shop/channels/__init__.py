"""Channels: the registry of ways by which orders come in. A channel is one file or one line here.

Every one of them ends in the same verb, `shop.orders.placing.place`.
"""

from shop.channels.contract import Channel
from shop.channels.sales import SALES

KIOSK = Channel("kiosk", "A", {"en": "Kiosk", "zh_Hans": "自助点单", "zh_Hant": "自助點單"})
COUNTER = Channel("counter", "B", {"en": "Counter", "zh_Hans": "柜台", "zh_Hant": "櫃檯"})
PHONE = Channel("phone", "B", {"en": "Phone", "zh_Hans": "电话", "zh_Hant": "電話"})

CHANNELS: dict[str, Channel] = {channel.key: channel for channel in (KIOSK, COUNTER, PHONE, SALES)}

__all__ = ["CHANNELS", "Channel"]
