/** Colours in pairs for light and dark; every meaning also has a word, a shape or a texture. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1a1d21, #e8eaed);
  --quiet: light-dark(#5b626b, #a3abb5);
  --paper: light-dark(#ffffff, #14171a);
  --panel: light-dark(#f5f6f8, #1e2226);
  --line: light-dark(#dfe2e6, #343a41);
  --v1: light-dark(#b4450c, #ff9d5c);
  --v2: light-dark(#0b63a5, #6cb8ff);
  --ok: light-dark(#1e8a4c, #45c07c);
  --degraded: light-dark(#c98a00, #e8b440);
  --failed: light-dark(#c22d2d, #ff7a70);
  --open: light-dark(#0b63a518, #6cb8ff22);
  --gateway: var(--ink);
  --recommendations: light-dark(#a3278f, #ee86dc);
  --product: light-dark(#1e8a4c, #45c07c);
  font: 16px/1.55 system-ui, sans-serif;
  color: var(--ink);
  background: var(--paper);
}
body { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1rem; font-weight: 600; color: var(--quiet); margin: 0 0 1.2rem; }
.verdict { font-size: clamp(1.5rem, 4.5vw, 2.3rem); line-height: 1.2; font-weight: 700; margin: 0; text-wrap: balance; }
.detail { font-size: 1.1rem; margin: .8rem 0 0; }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .4rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: .8rem; margin: 1.6rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--panel); border-radius: .6rem; padding: .9rem 1rem; }
.tiles .what { color: var(--quiet); font-size: .85rem; }
.tiles .pair { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: .2rem 0; }
.tiles .pair b { display: block; font-size: 1.35rem; line-height: 1.25; font-variant-numeric: tabular-nums; white-space: nowrap; }
.v1 { color: var(--v1); } .v2 { color: var(--v2); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.words, th.words { text-align: left; }
thead th { color: var(--quiet); font-weight: 600; font-size: .85rem; }
tbody th { font-weight: 400; }
tr.detail th { padding-left: 1.2rem; color: var(--quiet); }
figure { margin: .6rem 0 0; }
figure svg { max-width: 100%; height: auto; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem; color: var(--quiet); margin: .5rem 0; padding: 0; list-style: none; }
.key svg { width: 1.5rem; height: .9rem; vertical-align: -.1rem; margin-right: .35rem; }
.read { color: var(--quiet); font-size: .92rem; margin: .3rem 0 0; }
.narrow { display: none; }
details { margin: .6rem 0; } summary { cursor: pointer; }
dl { font-size: .92rem; } dt { font-weight: 600; margin-top: .7rem; } dd { margin: 0; color: var(--quiet); }
code { font-size: .9em; overflow-wrap: anywhere; }
.defs { position: absolute; width: 0; height: 0; }
@media (max-width: 640px) {
  .wide { display: none; } .narrow { display: block; }
  th, td { padding: .3rem .25rem; font-size: .8rem; }
  .tiles { grid-template-columns: 1fr 1fr; } .tiles .pair { gap: .8rem; } .tiles .pair b { font-size: 1.1rem; } .tiles li { padding: .7rem .7rem; }
}
@media print {
  :root { color-scheme: light; font-size: 11px; }
  body { max-width: none; padding: 0; }
  .wide { display: block; } .narrow { display: none; }
  figure, table, .tiles { break-inside: avoid; } h2 { break-after: avoid; }
}`;

/** Textures that the charts and their keys fill with. */
export const PATTERNS = `<svg class="defs" aria-hidden="true"><defs>
<pattern id="ok" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="var(--ok)"/></pattern>
<pattern id="degraded" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--degraded)"/><rect width="2" height="6" fill="var(--paper)" fill-opacity=".55"/></pattern>
<pattern id="failed" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="var(--failed)"/><circle cx="2.5" cy="2.5" r="1.1" fill="var(--paper)" fill-opacity=".75"/></pattern>
<pattern id="probing" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="5" height="5" fill="var(--open)"/><rect width="1.6" height="5" fill="var(--v2)" fill-opacity=".3"/></pattern>
</defs></svg>`;
