"""A browser without script that logs people in. Plain HTTP, without the SDK."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request

from deskwire import server

PATH = "/open-apis/authen/v1/authorize"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections lead to addresses that do not exist here."""

    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_Stay)


def _open(path, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    try:
        with _opener.open(server().url + path, data, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def log_in(question, **typed):
    """Opens the log-in page and sends its form; answers what the app is told."""
    status, _, page = _open(f"{PATH}?{urllib.parse.urlencode(question)}")
    assert status == 200, page
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    action = html.unescape(re.search(r'<form method="post" action="([^"]*)"', page)[1])
    status, headers, page = _open(action, [*((name, html.unescape(value)) for name, value in hidden), *typed.items()])
    assert status == 303, page
    address = urllib.parse.urlsplit(headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == question["redirect_uri"], headers["Location"]
    return dict(urllib.parse.parse_qsl(address.query))
