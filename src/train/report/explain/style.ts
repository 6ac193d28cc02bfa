import { Html } from "../html.ts";

/** What this page has beyond the style that all pages share. */
export const EXPLAIN_STYLE: Html = new Html(`
.seen{display:grid;grid-template-columns:minmax(150px,260px) minmax(0,1fr);gap:24px 44px;margin:36px 0 40px;align-items:start}
.seen .photo{width:100%;border-radius:4px}
.seen .answer{display:grid;grid-template-columns:minmax(20px,auto) 1fr 52px;gap:3px 12px;align-items:center}
.seen .answer div{display:contents}
.verdict{font-size:21px;line-height:1.35}
.keys{display:flex;flex-wrap:wrap;gap:8px 44px;margin:16px 0 28px}
.keys .signed-key{max-width:100%;margin:0}
.keys span{white-space:nowrap}
.keys .ramp-picture{flex:0 1 auto;min-width:0}
.methods{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:36px 40px;margin-top:24px}
.methods h3{margin-bottom:10px}
.methods p{font-size:15px;line-height:1.45;margin:10px 0 0}
.methods .note{font-size:13px;margin-top:4px}
.views{display:grid;grid-template-columns:1fr 1fr;gap:8px;max-width:420px}
.views .map,.over{width:100%;border:1px solid var(--rule)}
.over{position:relative}
.over img{width:100%}
.over .heat{position:absolute;inset:0;height:100%}
.wanted{display:grid;grid-template-columns:repeat(auto-fill,minmax(86px,1fr));gap:12px;min-width:0}
.layers .wanted li{display:block;padding:0;border:0}
.layers .wanted .photo{width:100%;border:1px solid var(--rule)}
.wanted span{display:block;font-size:12.5px;line-height:1.35;color:var(--muted);margin-top:4px;font-variant-numeric:tabular-nums}
.wanted b{color:var(--ink)}
.bank+.bank{margin-top:36px}
.bank .filters img{grid-row:1}
.checks thead th{white-space:normal}
.checks .bar{display:block;min-width:56px;height:4px;margin-top:3px}
@media (max-width:560px){
.seen{grid-template-columns:1fr;margin:26px 0 28px}
.seen .photo{max-width:200px}
.methods{grid-template-columns:1fr;gap:30px}
.wanted{grid-template-columns:repeat(auto-fill,minmax(84px,1fr))}
.bank .filters:not(.few) .filter{width:38px}
}
@media print{.methods{grid-template-columns:1fr 1fr}.methods li,.wanted li{break-inside:avoid}}
`);
