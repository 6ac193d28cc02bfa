/**
 * Markup that escapes by default: html`<b>${name}</b>` escapes `name`, whatever it holds. Only another `html` goes in as it is.
 */

/** Finished markup. The private field is the proof: no data, however shaped, passes for it. */
export class Html {
  readonly #markup: string;

  /** Takes `markup` as it is. For constants of this library alone; everything else goes through the `html` tag. */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }

  static is(value: unknown): value is Html {
    return typeof value === "object" && value !== null && #markup in value;
  }
}

/** What may stand in a template. `false` and `undefined` leave nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

const ENTITIES: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it may stand between tags and within quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** A template of markup; every value is escaped. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let markup = parts[0]!;
  values.forEach((value, i) => {
    markup += rendered(value) + parts[i + 1]!;
  });
  return new Html(markup);
}

function rendered(value: Content): string {
  if (value === false || value === undefined) return "";
  if (Html.is(value)) return value.toString();
  if (Array.isArray(value)) return value.map(rendered).join("");
  return escapeHtml(String(value));
}
