// The colours and patterns that a chart is drawn with, from the custom properties of its theme.

export interface Inks {
  readonly bar: string;
  readonly provisional: CanvasPattern | string;
  readonly estimated: CanvasPattern | string;
  readonly compare: string;
  readonly gap: string;
  readonly live: string;
  readonly paper: string;
  readonly text: string;
  readonly grid: string;
  readonly font: string;
}

const TILE = 6;

/** `probe` is an element in the chart, so that it has the theme's colours. */
export function inksOf(probe: HTMLElement, direction: string, pixelRatio: number): Inks {
  const style = getComputedStyle(probe);
  // A canvas can't read var() or light-dark(): the browser works a colour out for an element.
  const ink = (name: string): string => {
    probe.style.color = `var(--chart-${name})`;
    return style.color;
  };
  const bar = ink(direction === "EXPORT" ? "export" : "import");
  const paper = ink("paper");
  const inks: Inks = {
    bar,
    provisional: tile(bar, paper, pixelRatio, hatch),
    estimated: tile(bar, paper, pixelRatio, dots),
    compare: ink("compare"),
    gap: ink("gap"),
    live: ink("live"),
    paper,
    text: ink("text"),
    grid: ink("grid"),
    font: style.fontFamily,
  };
  probe.style.color = "";
  return inks;
}

function tile(
  ink: string,
  paper: string,
  pixelRatio: number,
  draw: (context: CanvasRenderingContext2D) => void,
): CanvasPattern | string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(TILE * pixelRatio);
  const context = canvas.getContext("2d");
  if (context === null) return ink;
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(canvas.width / TILE, canvas.height / TILE);
  context.fillStyle = context.strokeStyle = ink;
  draw(context);
  return context.createPattern(canvas, "repeat") ?? ink;
}

/** Diagonals; the three lines are one, where tiles meet. */
function hatch(context: CanvasRenderingContext2D): void {
  context.lineWidth = 2;
  context.beginPath();
  for (const x of [-TILE, 0, TILE]) {
    context.moveTo(x - 1, TILE + 1);
    context.lineTo(x + TILE + 1, -1);
  }
  context.stroke();
}

function dots(context: CanvasRenderingContext2D): void {
  for (const [x, y] of [
    [1.5, 1.5],
    [4.5, 4.5],
  ] as const) {
    context.beginPath();
    context.arc(x, y, 1.1, 0, 2 * Math.PI);
    context.fill();
  }
}
