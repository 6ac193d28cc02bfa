import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Response headers of a page, by lower-case name. */
export type PageHeaders = Readonly<Record<string, string>>;

/** A web site on this machine: one script, and pages that differ in their headers. */
export class Site {
  /** 127.0.0.1 and the port. */
  readonly address: string;
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.origin = `http://${this.address}`;
  }

  /** Starts a site with a page at each path of `pages`, which loads `script`. */
  static async start(script: Uint8Array, pages: Readonly<Record<string, PageHeaders>>): Promise<Site> {
    const server = createServer(({ url = "" }, response) => {
      if (url === "/page.js") {
        response.writeHead(200, { "content-type": "text/javascript" }).end(script);
      } else if (pages[url]) {
        // The icon: else the browser asks for /favicon.ico, and not finding it is an error on the console.
        const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;
        response.writeHead(200, { "content-type": "text/html", ...pages[url] }).end(html);
      } else {
        response.writeHead(404).end();
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new Site(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }
}
