"""The one stylesheet of all pages, for light and dark, wide and narrow; it is in the page and loads nothing."""

from base64 import b64encode
from hashlib import sha256
from typing import Final

_COLOURS: Final = """
:root{color-scheme:light dark;
--paper:#eef2f4;--card:#fff;--ink:#14212b;--soft:#4d5d6a;--line:#d5dde3;--edge:#7a8894;
--brand:#0b5f63;--brand-ink:#fff;--tint:#e2f1f1;--good:#16653a;--bad:#a3211f;--bad-tint:#fdecea;--focus:#b45309}
@media(prefers-color-scheme:dark){:root{
--paper:#0d1418;--card:#162027;--ink:#e6edf1;--soft:#a4b3bd;--line:#2b3942;--edge:#7d8f9b;
--brand:#67d3cd;--brand-ink:#04201f;--tint:#12312f;--good:#86dba6;--bad:#ffb1a8;--bad-tint:#3a1a18;--focus:#ffc46b}}
"""
"""Each pair of ink and ground keeps 4.5 to 1, each edge of a control 3 to 1: WCAG 2.2 sections 1.4.3 and 1.4.11."""

_GROUND: Final = """
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:var(--brand)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.sandbox{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline;justify-content:space-between;padding:.6rem 1rem;
border-top:4px solid var(--brand);border-bottom:1px solid var(--line);background:var(--card)}
.sandbox strong{letter-spacing:-.01em;font-size:1.05rem}
.sandbox span,footer{color:var(--soft);font-size:.875rem}
main{flex:1;width:100%;margin:0 auto;padding:1.5rem 1rem 2rem}
footer{padding:1rem;text-align:center}
h1{margin:0 0 .5rem;font-size:1.6rem;line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{margin:0 0 .75rem;font-size:1.15rem;line-height:1.3}
p{margin:0 0 1rem}
code,.mono{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
"""

_CONTROLS: Final = """
label{display:block;margin-bottom:.25rem;font-weight:600}
input,select,button{font:inherit;color:inherit;border-radius:.5rem;border:1px solid var(--edge);padding:.55rem .75rem;
min-height:2.75rem;max-width:100%}
input,select{background:var(--paper);width:100%}
input[aria-invalid=true]{border:2px solid var(--bad)}
button{background:var(--card);font-weight:600;cursor:pointer}
button.first{background:var(--brand);border-color:var(--brand);color:var(--brand-ink)}
button.grave{border-color:var(--bad);color:var(--bad)}
button:hover{filter:brightness(1.08);text-decoration:underline}
[role=status],[role=alert]{padding:.7rem .9rem;border-left:4px solid var(--brand);border-radius:.25rem;
background:var(--tint)}
[role=alert] ul{margin:0;padding-left:1.1rem;font-weight:400}
[role=alert]{border-color:var(--bad);background:var(--bad-tint);color:var(--bad);font-weight:600}
"""

_VISIT: Final = """
.visit{max-width:29rem;display:flex;flex-direction:column;justify-content:center}
.card{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:1.5rem;
box-shadow:0 1px 2px #0001,0 12px 32px -16px #0004}
.visit .card{padding:2rem}
.seal{display:flex;align-items:center;gap:.6rem;margin-bottom:1.25rem;color:var(--soft)}
.seal b{display:grid;place-items:center;width:3rem;height:3rem;border-radius:.9rem;background:var(--brand);
color:var(--brand-ink);font-size:1.35rem}
.seal b+i{flex:0 0 2.5rem;border-top:2px dashed var(--edge)}
.seal i+b{border-radius:50%;background:var(--tint);color:var(--brand)}
.visit form{margin-top:1.25rem}
.visit input{margin-bottom:1rem}
.visit button{display:block;width:100%;margin-top:.6rem}
.visit ul{margin:0 0 1rem;padding-left:1.2rem}
.visit li{margin-bottom:.35rem}
.visit small{display:block;margin-top:1.25rem;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
@media(max-width:24rem){.visit .card{padding:1.25rem}}
"""

_DESK: Final = """
.desk{max-width:76rem}
.desk .lead{color:var(--soft);max-width:46rem}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));align-items:start}
.grid>.all{grid-column:1/-1}
.desk .card{min-width:0}
.clock{font-size:1.75rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:0}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}
.row>*{flex:0 1 auto}
.row .grows{flex:1 1 9rem}
.habits{display:grid;gap:.9rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));margin-bottom:1rem}
.habits label,.row label{font-size:.875rem}
.faults{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}
.faults fieldset{min-width:0;margin:0;padding:.75rem;border:1px solid var(--line);border-radius:.75rem}
.faults legend{padding:0 .35rem;font-weight:600}
.desk form{margin-bottom:.85rem}
.scroll{overflow-x:auto;margin:0 -.25rem 1.25rem;padding:0 .25rem}
.scroll:last-child,.desk form:last-child{margin-bottom:0}
table{width:100%;border-collapse:collapse;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}
td code{overflow-wrap:break-word}
.desk td form{display:inline-block;margin:.35rem .35rem 0 0}
td button{min-height:2rem;padding:.2rem .6rem;font-size:.875rem}
.tag{display:inline-block;padding:.05rem .55rem;border:1px solid currentcolor;border-radius:1rem;font-size:.8125rem;
white-space:nowrap;color:var(--soft)}
.tag.good{color:var(--good)}
.tag.bad{color:var(--bad)}
.none{color:var(--soft);margin:0 0 1rem}
.hint{display:block;margin-top:.25rem;color:var(--soft);font-size:.8125rem;font-weight:400}
.faults,.habits{align-items:start}
@media(max-width:46rem){
.desk .card{padding:1.1rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,caption,tr,td{display:block}
tr{padding:.5rem 0;border-top:1px solid var(--line)}
td{display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.5rem;padding:.15rem 0;border:0}
td::before{content:attr(data-head);color:var(--soft);font-weight:600}
}
"""

STYLE: Final = f"{_COLOURS}{_GROUND}{_CONTROLS}{_VISIT}{_DESK}".replace("\n", "")
STYLE_SOURCE: Final = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy has to say so that this style, and no other, is taken from a page."""
