/** The page's style: light, and the same on paper. */
export const style = `
:root { color-scheme: light; }
body { margin: 2rem auto; padding: 0 1.5rem; max-width: 80rem; color: #1a1a1a; background: white;
  font: 15px/1.5 Inter, Helvetica, Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.notice { margin: .4rem 0; padding: .4rem .8rem; border-left: 4px solid #8a8a8a; background: #f4f4f4; }
.bad { border-color: #b00020; color: #b00020; font-weight: 600; }
.good { border-color: #009e73; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: bottom; }
th { font-weight: 500; color: #595959; }
td { white-space: nowrap; vertical-align: baseline; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 8rem; }
.words th, .words td { text-align: left; vertical-align: top; white-space: normal; overflow-wrap: anywhere; }
.held { color: #00785a; }
.failed { color: #b00020; font-weight: 700; }
.unknown { color: #595959; }
h4 { font-size: .9rem; margin: .7rem 0 .1rem; }
ul { margin: .2rem 0 .8rem; padding-left: 1.3rem; }
.small, .files, figcaption { color: #595959; font-size: 13px; }
.files { margin: .3rem 0 1.2rem; }
section { margin-bottom: 1rem; }
a { color: #00558a; }
figure { margin: 0 0 1.5rem; break-inside: avoid; }
svg { max-width: 100%; height: auto; }
pre { padding: .8rem; background: #f4f4f4; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  @page { size: A4; margin: 13mm; }
  body { margin: 0; padding: 0; max-width: none; font-size: 11px; }
  .small { font-size: 10px; }
  figure { margin-bottom: 4mm; }
  .wide { overflow: visible; }
  table { font-size: 9px; }
  th, td { padding: .2rem .35rem; }
  svg { zoom: .66; }
  h2, h3, h4 { break-after: avoid; }
  li, tr, section > h3 + p { break-inside: avoid; }
  thead { display: table-header-group; }
  .files, figcaption { display: none; }
}
`;
