"""The stylesheet of the pages, for light and dark, wide and narrow; it is in the page and loads nothing."""

from base64 import b64encode
from hashlib import sha256
from typing import Final

_COLOURS: Final = """
:root{color-scheme:light dark;--paper:#f4f6f8;--card:#fff;--ink:#17212b;--soft:#52606d;--line:#d8dfe5;--edge:#75838f;
--brand:#0a5a8a;--brand-ink:#fff;--good:#17663c;--good-tint:#e5f4ea;--bad:#a3211f;--bad-tint:#fdecea;--focus:#b45309}
@media(prefers-color-scheme:dark){:root{--paper:#0e1317;--card:#171e24;--ink:#e7edf2;--soft:#a6b2bd;--line:#2c3740;
--edge:#8190a0;--brand:#7cc4ee;--brand-ink:#04202f;--good:#86dba6;--good-tint:#12301f;--bad:#ffb1a8;--bad-tint:#3a1a18;
--focus:#ffc46b}}
"""
"""Each pair of ink and ground keeps 4.5 to 1, each edge of a control 3 to 1: WCAG 2.2 sections 1.4.3 and 1.4.11."""

_GROUND: Final = """
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{width:100%;max-width:44rem;margin:0 auto;padding:clamp(1rem,5vw,3.5rem) 1rem}
h1{margin:0;font-size:1.6rem;line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{margin:0 0 .75rem;font-size:1.05rem}
p{margin:.75rem 0 0}
a{color:var(--brand)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
small,.soft{color:var(--soft);font-size:.875rem}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
"""

_PIECES: Final = """
.card{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:clamp(1.1rem,4vw,2rem);
box-shadow:0 1px 2px #0001,0 12px 32px -18px #0004}
.card+.card{margin-top:1.25rem}
.head{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;justify-content:space-between}
.head h1{flex:1 1 16rem}
.state{padding:.2rem .8rem;border-radius:2rem;border:1px solid var(--edge);color:var(--soft);font-weight:600;
font-size:.9rem;white-space:nowrap}
.state.good{color:var(--good);border-color:currentcolor;background:var(--good-tint)}
.state.bad{color:var(--bad);border-color:currentcolor;background:var(--bad-tint)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.45rem 1.25rem;margin:1.5rem 0 0}
dt{color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}
li{display:grid;grid-template-columns:11.5rem minmax(0,1fr);gap:.15rem 1rem;padding:.55rem 0;border-top:1px solid var(--line)}
li:last-child{padding-bottom:0}
li time{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}
.bad{color:var(--bad)}
.row{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1.5rem}
form{margin:0}
button,.button{font:inherit;font-weight:600;min-height:2.75rem;padding:.55rem 1.1rem;border-radius:.55rem;
border:1px solid var(--edge);background:var(--card);color:inherit;cursor:pointer;text-decoration:none;display:inline-block}
button.first{background:var(--brand);border-color:var(--brand);color:var(--brand-ink)}
button.grave{border-color:var(--bad);color:var(--bad)}
button:hover,.button:hover{text-decoration:underline}
[role=status]{margin:0 0 1.5rem;padding:.7rem .9rem;border-left:4px solid var(--good);border-radius:.3rem;
background:var(--good-tint)}
@media(max-width:30rem){dl,li{grid-template-columns:minmax(0,1fr)}dl{gap:.1rem}dt{margin-top:.6rem}}
"""

STYLE: Final = f"{_COLOURS}{_GROUND}{_PIECES}".replace("\n", "")
STYLE_SOURCE: Final = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy has to say so that this style, and no other, is taken from a page."""
