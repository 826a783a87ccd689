"""The control API from Python's standard library, for the live tests."""

import http.client
import json

from farm import SLOW


class Api:
    """api = Api(farm.ready["api"]); api.get("/v1/time") → (status, what came)"""

    def __init__(self, url, token=None):
        self.host, port = url.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)
        self.token = token

    def raw(self, method, target, body=None, headers=None):
        """(status, headers, bytes)"""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60 * SLOW)
        try:
            sent = dict(headers or {})
            if self.token:
                sent.setdefault("Authorization", "Bearer " + self.token)
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def ask(self, method, target, body=None, headers=None):
        status, sent, content = self.raw(method, target, body, headers)
        return status, json.loads(content) if "json" in sent.get("Content-Type", "") else content

    def get(self, target):
        return self.ask("GET", target)

    def good(self, method, target, body=None):
        """The answer, which must not be an error."""
        status, answer = self.ask(method, target, body)
        assert status < 400, (method, target, body, status, answer)
        return answer

    def advance(self, **what):
        return self.good("POST", "/v1/time/advance", what)
