"""The picture that a member sends to friends: whose it is, what the friend gets, and the QR code of the link.

Drawn when it is opened, by Pillow and segno, in the typeface that the machine has (`campaigns.posters.fonts`).
"""
