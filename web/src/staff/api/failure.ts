// What a call that failed tells people.

import type { components } from "../../generated/api";

type Envelope = components["schemas"]["Failure"];
export type Reason = components["schemas"]["Reason"];
export interface Field {
  field: string;
  why: string;
}

/** A call that failed. `status` 0: no answer came at all. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code?: number,
    /** Which fields were wrong. */
    readonly fields: Field[] = [],
    readonly logId?: string,
    /** Seconds to wait before the next try; only after too many. */
    readonly waitS?: number,
    /** Why as a code with its values; only of calls that have codes. */
    readonly reason?: Reason,
  ) {
    super(message);
  }

  /** Whether the same call may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The failure that an answer of the server's tells. */
export async function failureOf(response: Response): Promise<Failure> {
  const envelope = (await response.json().catch(() => ({}))) as Partial<Envelope>;
  const { error } = envelope;
  const fields = (error?.field_violations ?? []).map(({ field, description }) => ({ field, why: description }));
  const wait = Number(response.headers.get("x-ogw-ratelimit-reset") ?? Number.NaN);
  const message = error?.message || envelope.msg || `HTTP ${response.status}`;
  const logId = error?.log_id ?? response.headers.get("x-tt-logid") ?? undefined;
  return new Failure(response.status, message, envelope.code, fields, logId, Number.isFinite(wait) ? wait : undefined, error?.reason ?? undefined);
}

/** Anything that was thrown, as a failure. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  // fetch() throws a TypeError when no answer comes.
  return new Failure(0, thrown instanceof Error ? thrown.message : String(thrown));
}
