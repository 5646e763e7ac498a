/** SVG to PNG with the package's own fonts, so that pictures look alike on every machine. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Renders an SVG at its own size times `scale`. */
export async function svgToPng(
  svg: string,
  { scale = 1 }: { readonly scale?: number } = {},
): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const renderer = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: "DejaVu Sans" },
  });
  return renderer.render().asPng();
}

function fontFiles(): string[] {
  const manifest = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json");
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => join(dirname(manifest), "ttf", name));
}
