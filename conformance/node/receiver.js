// A webhook receiver as a customer writes it: an HTTP server in front of the SDK's event dispatcher.
import { once } from "node:events";
import { createServer } from "node:http";
import { adaptDefault } from "@larksuiteoapi/node-sdk";

const PATH = "/events";

/** Listens on a free port for the events that `dispatcher` takes. */
export async function receive(dispatcher) {
  const server = createServer(adaptDefault(PATH, dispatcher, { autoChallenge: true }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}${PATH}`, server, stop };
}
