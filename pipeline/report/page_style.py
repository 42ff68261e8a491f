"""The look of the page, for light and dark, a desk and a phone."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #57606a;
  --rule: #dde3ea; --plate: #f4f6f8; --paper: #ffffff; --bad: #a4001d;
  --s0: #0b62c4; --s1: #c24a00; --s2: #00795a; --s3: #a0337f; --s4: #8a6100;
  --s5: #4a4fb5; --s6: #8f3a2f; --s7: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee;
  --faint: #a3acb8; --rule: #38414d; --plate: #1e252e; --paper: #12161c;
  --bad: #ff8a95; --s0: #6cb2ff; --s1: #ff9d5c; --s2: #4fd1a5; --s3: #ec9bd2;
  --s4: #e3c04b; --s5: #b0b4ff; --s6: #f0a79b; --s7: #a3acb8; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 64rem; padding: 1rem 1rem 4rem; color: var(--ink);
  background: var(--paper); overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .3rem 0 .8rem; }
h2 { margin: 3rem 0 .8rem; font-size: 1.3rem; padding-top: .8rem;
  border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
a { color: var(--s0); }
p { max-width: 46rem; }
.over { color: var(--faint); margin: 1rem 0 0; }
.cards { display: grid; gap: .8rem; margin: 1.2rem 0; padding: 0;
  grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
.card { margin: 0; background: var(--plate); border-radius: .5rem;
  padding: .8rem 1rem; border-left: .3rem solid var(--rule); }
.card.good { border-color: var(--s2); }
.card.missed { border-color: var(--bad); }
.card dt { color: var(--faint); font-size: .9rem; }
.card dd { margin: 0; font-size: .9rem; }
.card dd.value { font-size: 1.7rem; font-weight: 600; line-height: 1.3; }
nav ol { columns: 13rem; margin: .4rem 0 0; padding-left: 1.4rem; }
nav a { display: inline-block; padding: .2rem 0; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid var(--rule); text-align: left;
  padding: .3rem 1rem .3rem 0; vertical-align: top; }
th { color: var(--faint); font-weight: 600; }
th.number, td.number { text-align: right;
  font-variant-numeric: tabular-nums; }
td ol { margin: 0; padding-left: 1.4rem; }
.columns { display: grid; gap: .8rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
.columns > div { background: var(--plate); border-radius: .5rem;
  padding: .2rem 1rem; font-size: .9rem; }
.columns small { display: block; color: var(--faint); }
.bad { color: var(--bad); font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: 0 2rem; }
.figures > * { min-width: 0; max-width: 100%; }
figure { margin: .6rem 0; max-width: 100%; }
figcaption { font-weight: 600; font-size: .9rem; }
details { font-size: .9rem; }
summary { padding: .3rem 0; cursor: pointer; }
svg { max-width: 100%; height: auto; font-size: 11px; }
@media (max-width: 40rem) {
  .stack thead { position: absolute; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr, .stack td:first-child { display: block; }
  .stack td { display: inline-block; margin-right: 1.2rem; }
  .stack td:has(ol) { display: block; }
  .stack tr { padding: .6rem 0; border-bottom: 1px solid var(--rule); }
  .stack td { border: 0; padding: .1rem 0; text-align: left !important; }
  .stack td:first-child { font-weight: 600; }
  .stack td:not(:first-child)::before { content: attr(data-name) ": ";
    color: var(--faint); }
  h1 { font-size: 1.4rem; }
}
@media print { body { max-width: none; } section { break-inside: avoid; } }
"""
