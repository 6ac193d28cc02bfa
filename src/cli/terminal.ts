/** Where progress is shown. */
export interface Terminal {
  /** Whether it can show a line that changes. If not, it gets whole lines and no control character. */
  readonly live: boolean;
  /** Columns; 80 where there is no screen. */
  readonly width: number;
  /** Characters for drawing. */
  readonly glyphs: Glyphs;
  dim(text: string): string;
  bold(text: string): string;
  accent(text: string): string;
  /** A line that stays. */
  line(text: string): void;
  /** The line at the bottom, instead of the one before; less than `width` columns long. Nothing where it cannot change. */
  status(text: string): void;
}

export interface Glyphs {
  /** The part of a bar that is done, and the part that is not. */
  readonly done: string;
  readonly left: string;
  readonly dash: string;
}

/** What is needed of process.stderr. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ESCAPE = "\u001b[";

/** The terminal behind a stream, by what the environment says of it. */
export function terminal(screen: Screen, environment: Environment = process.env): Terminal {
  const live = screen.isTTY === true && environment.TERM !== "dumb";
  // https://no-color.org: any value that is not empty.
  const colour = live && !environment.NO_COLOR;
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      colour ? `${ESCAPE}${on}m${text}${ESCAPE}${off}m` : text;
  let shown = "";
  const clear = (): string => (shown === "" ? "" : `\r${ESCAPE}2K`);
  return {
    live,
    get width() {
      return (live && screen.columns) || 80;
    },
    glyphs: speaksUnicode(environment) ? { done: "━", left: "─", dash: "–" } : { done: "#", left: "-", dash: "-" },
    dim: paint(2, 22),
    bold: paint(1, 22),
    accent: paint(36, 39),
    line(text) {
      screen.write(`${clear()}${text}\n${shown}`);
    },
    status(text) {
      if (!live || text === shown) return;
      screen.write(`${clear()}${text}`);
      shown = text;
    },
  };
}

/** The locale of POSIX systems names its encoding; elsewhere consoles speak UTF-8. */
function speaksUnicode({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return process.platform === "win32" || locale === undefined || /utf-?8/i.test(locale);
}
