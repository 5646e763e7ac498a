/** The look of report pages: follows the reader's light or dark setting, prints on white paper. */

export const pageStyle = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1d20;--muted:#555b63;--line:#d9dce1;--accent:#2f7ed8;--tile:#f5f6f8}
@media (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e9ebee;--muted:#a6adb7;--line:#353a41;--accent:#5a9ff0;--tile:#1e2125}}
@media print{:root{--paper:#fff;--ink:#000;--muted:#444;--line:#ccc;--tile:#fff}section{break-inside:avoid}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:36px 0 12px}
.summary{color:var(--muted);margin:0 0 20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px}
.tile{background:var(--tile);border:1px solid var(--line);border-radius:8px;padding:12px 14px;display:flex;flex-direction:column}
.tile b{font-size:26px;font-variant-numeric:tabular-nums}.tile small{color:var(--muted)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:12px}
figure{margin:0}figure svg{width:100%;height:auto}
.picture img{max-width:min(100%,720px);height:auto;border:1px solid var(--line)}figcaption{color:var(--muted)}
table{border-collapse:collapse;width:100%}th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400}
thead th{color:var(--muted)}td{text-align:right;font-variant-numeric:tabular-nums;width:1%;white-space:nowrap}
td.text{text-align:left;white-space:normal;width:auto;overflow-wrap:anywhere}
td.bar{width:60%}td.bar div{height:10px;background:var(--accent);border-radius:2px;print-color-adjust:exact}
th i{display:inline-block;width:12px;height:12px;margin-right:8px;border:1px solid var(--line);print-color-adjust:exact}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
`;
