"""Offers that a campaign carries: flash sale (秒杀), first-order coupon (首单券) and group buy (拼团).

What an offer says is part of the published definition (`terms`); what has become of it is in tables of its own. The
order itself is the shop's: it arrives through the API, and `orders` says what it confirms.
"""
