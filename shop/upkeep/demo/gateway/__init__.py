"""The local gateway: Alipay and WeChat Pay as the demo shop and the tests meet them, on this machine only.

It speaks both providers' protocols with signatures that both sides check, shows the page that a customer's phone
would show, sends notifies that can be dropped, delayed, repeated, shuffled or forged, and writes the daily bills.
"""
