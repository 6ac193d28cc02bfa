import { type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** Anchor, short name for the list at the top, heading, and what it shows; a section without that is left out. */
export type Section = readonly [id: string, short: string, heading: string, body: Html | undefined];

/** What a page consists of. */
export interface PageParts {
  readonly title: string;
  /** Added to the common style: CSS of this library's own. */
  readonly style?: Html;
  readonly header: Html;
  readonly sections: readonly Section[];
  /** The one script that may run: code of this library's own, and its digest in base64. Default: none. */
  readonly script?: { readonly code: Html; readonly sha256: string };
}

/**
 * A page of its own: one file without scripts but the one that is given, that asks nothing of any network. Its own content security policy
 * forbids anything else, so that not even a fault in the escaping of names could change that.
 */
export function pageOf({ title, style, header, sections, script }: PageParts): string {
  const present = sections.filter(([, , , body]) => body !== undefined);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'${script && html`; script-src 'sha256-${script.sha256}'`}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<main>
${header}
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(
  ([id, , heading, body]) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${heading}</h2>
${body}
</section>
`,
)}</main>
${
  script &&
  html`<script>${script.code}</script>
`
}</body>
</html>
`.toString();
}
