"""The kiosk: a customer orders a cake at a touch screen in the shop, without anybody's help."""
