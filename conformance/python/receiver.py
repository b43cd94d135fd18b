"""A webhook receiver as a customer writes it: an HTTP server in front of the SDK's event dispatcher."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import lark_oapi as lark


class Receiver:
    """Listens on a free port; `dispatcher` is set before the first event comes."""

    def __init__(self):
        self.dispatcher: lark.EventDispatcherHandler | None = None
        self.seen: list[tuple[bytes, int, bytes]] = []  # body, status and content of the answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = lark.RawRequest()
                request.uri = self.path
                request.headers = dict(self.headers)
                request.body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver.dispatcher.do(request)
                receiver.seen.append((request.body, answer.status_code, answer.content))
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
