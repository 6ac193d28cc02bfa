import { readFile } from "node:fs/promises";

/** What a browser's own log of its network says: complete once the browser has ended. */
export interface NetLog {
  /** Address and port of every TCP connection tried, each once. */
  readonly connected: readonly string[];
  /** Datagrams sent: DNS, QUIC, discovery of other machines. */
  readonly datagrams: number;
  /** What scripts of each origin asked for, in frames and workers. */
  readonly asked: readonly { readonly origin: string; readonly url: string }[];
}

/** As Chromium writes it under --log-net-log; only what is used here. */
interface File {
  readonly constants: { readonly logEventTypes: Readonly<Record<string, number>> };
  readonly events: readonly {
    readonly type: number;
    readonly params?: { readonly address?: string; readonly initiator?: string; readonly url?: string };
  }[];
}

/** Reads the log at `path`. */
export async function readNetLog(path: string): Promise<NetLog> {
  const { constants, events } = JSON.parse(await readFile(path, "utf8")) as File;
  const of = (name: string): File["events"] => {
    const type = constants.logEventTypes[name];
    // Without this, a name that a later Chromium gives up would look like an event that never happened.
    if (type === undefined) throw new Error(`this Chromium's network log knows no ${name}`);
    return events.filter((event) => event.type === type);
  };
  return {
    connected: [...new Set(of("TCP_CONNECT_ATTEMPT").flatMap(({ params }) => params?.address ?? []))],
    datagrams: of("UDP_BYTES_SENT").length,
    asked: of("URL_REQUEST_START_JOB").flatMap(({ params }) =>
      params?.initiator?.startsWith("http") && params.url !== undefined ? [{ origin: params.initiator, url: params.url }] : [],
    ),
  };
}
