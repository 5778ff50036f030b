"""Signing up with proof: a form, a mail with one link, a page with one button.

The form's door looks nobody up: it keeps what was asked, sealed, and answers the same to
everybody. The worker takes it up: it writes to the address within a budget, and keeps the
claim, which is not a yes. Only the button of the page that the mail leads to is one.
"""
