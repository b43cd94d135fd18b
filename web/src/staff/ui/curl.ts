// A call as a command for a POSIX shell.

export interface Sent {
  method: string;
  path: string;
  query?: string | null | undefined;
  headers: (readonly string[])[];
  body: { text?: string | null | undefined };
}

/** Headers that curl, or the connection, makes by itself. */
const OWN = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Secrets are not kept whole, so variables stand where they were. */
function header(name: string, value: string): string {
  if (!value.includes("…")) return quoted(`${name}: ${value}`);
  const scheme = value.includes(" ") ? `${value.split(" ")[0]} ` : "";
  return `"${name}: ${scheme}$${name.toUpperCase().replaceAll("-", "_")}"`;
}

export function asCurl({ method, path, query, headers, body }: Sent, origin: string): string {
  const parts = [`curl -X ${method} ${quoted(origin + path + (query ? `?${query}` : ""))}`];
  for (const [name = "", value = ""] of headers) if (!OWN.has(name)) parts.push(`-H ${header(name, value)}`);
  if (body.text) parts.push(`--data-raw ${quoted(body.text)}`);
  return parts.join(" \\\n  ");
}
