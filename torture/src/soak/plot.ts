import type { Point } from './slope';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
}

const WIDTH = 900;
const PANEL_HEIGHT = 190;
const MARGIN = { left: 70, right: 150, top: 34, bottom: 22 };
/** Told apart by those who see red and green alike (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const TICKS = 4;

/** One picture, panel below panel, all over the same minutes. (SVG 1.1) */
export function plot(title: string, panels: readonly Panel[]): string {
  const height = 40 + panels.length * PANEL_HEIGHT + 20;
  const drawn = panels.map((panel, n) => draw(panel, 40 + n * PANEL_HEIGHT));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${MARGIN.left}" y="24" font-size="16">${escaped(title)}</text>
${drawn.join('\n')}
<text x="${WIDTH / 2}" y="${height - 6}" text-anchor="middle">minutes</text>
</svg>
`;
}

function draw({ title, unit, series }: Panel, top: number): string {
  const points = series.flatMap((each) => each.points);
  const xMax = Math.max(1e-9, ...points.map(({ x }) => x));
  const yMax = roundedUp(Math.max(1e-9, ...points.map(({ y }) => y)));
  const [width, height] = [
    WIDTH - MARGIN.left - MARGIN.right,
    PANEL_HEIGHT - MARGIN.top - MARGIN.bottom,
  ];
  const bottom = top + MARGIN.top + height;
  const place = ({ x, y }: Point): string =>
    `${(MARGIN.left + (x / xMax) * width).toFixed(1)},${(bottom - (y / yMax) * height).toFixed(1)}`;
  const lines = Array.from({ length: TICKS + 1 }, (_, n) => {
    const y = bottom - (n / TICKS) * height;
    const label = shown((n / TICKS) * yMax);
    return `<line x1="${MARGIN.left}" x2="${MARGIN.left + width}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${y + 4}" text-anchor="end">${label}</text>`;
  });
  const minutes = Array.from({ length: TICKS + 1 }, (_, n) => {
    const x = MARGIN.left + (n / TICKS) * width;
    return `<text x="${x}" y="${bottom + 15}" text-anchor="middle">${shown((n / TICKS) * xMax)}</text>`;
  });
  const curves = series.map((each, n) => {
    const colour = COLOURS[n % COLOURS.length] ?? 'black';
    const legend = top + MARGIN.top + 14 * n + 8;
    const [x, path] = [WIDTH - MARGIN.right + 12, each.points.map(place).join(' ')];
    return `<polyline fill="none" stroke="${colour}" points="${path}"/><text x="${x}" y="${legend}" fill="${colour}">${escaped(each.name)}</text>`;
  });
  const head = `<text x="${MARGIN.left}" y="${top + MARGIN.top - 8}">${escaped(title)}, ${escaped(unit)}</text>`;
  return [head, ...lines, ...minutes, ...curves].join('\n');
}

/** To the next 1, 2 or 5 of its power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

const shown = (value: number): string => String(Number(value.toPrecision(3)));

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
