"""The guided path on which a campaign is built: for whom, what they do and win, how it looks, is it right, go.

Each step is a page of its own over the same rows, the same forms and the same saving as the plain forms of the admin.
"""
