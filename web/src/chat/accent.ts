// The desk's one colour: as it is given where that can be read, darker or lighter where it could not.

type Rgb = readonly [number, number, number];

export interface Accent {
  /** As it was given. */
  given: string;
  /** On a light page, and what is written on it. */
  light: string;
  onLight: string;
  /** On a dark page, and what is written on it. */
  dark: string;
  onDark: string;
}

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [22, 24, 29];
const DARK_PAGE: Rgb = [30, 33, 40];
const READABLE = 4.6; // WCAG asks 4.5 of text.

/** Reads `#rgb` or `#rrggbb`; anything else is no colour. */
export function accentOf(text: string | null): Accent | null {
  const colour = parse(text?.trim() ?? "");
  if (!colour) return null;
  const light = readable(colour, WHITE, [0, 0, 0]);
  const dark = readable(colour, DARK_PAGE, WHITE);
  return { given: css(colour), light: css(light), onLight: css(best(light)), dark: css(dark), onDark: css(best(dark)) };
}

function parse(text: string): Rgb | null {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text);
  const parts = short ? short.slice(1).map((digit) => digit + digit) : long?.slice(1);
  return parts ? (parts.map((part) => Number.parseInt(part, 16)) as unknown as Rgb) : null;
}

/** The colour, moved towards `end` until it reads on `page`. */
function readable(colour: Rgb, page: Rgb, end: Rgb): Rgb {
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = colour.map((part, i) => Math.round(part + ((end[i] ?? 0) - part) * share)) as unknown as Rgb;
    if (contrast(mixed, page) >= READABLE) return mixed;
  }
  return end;
}

function best(page: Rgb): Rgb {
  return contrast(WHITE, page) >= contrast(INK, page) ? WHITE : INK;
}

/** The contrast ratio of WCAG, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}
