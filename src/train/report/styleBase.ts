/** Type, layout, tables. */
export const BASE_STYLE: string = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);
  font:16px/1.55 -apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue","Liberation Sans",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:56px 32px 96px}
h1,h2,h3,.figures b{font-family:Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4",Cambria,Georgia,"Liberation Serif",serif;
  font-weight:600;line-height:1.15;overflow-wrap:anywhere;text-wrap:balance}
h1{font-size:clamp(30px,5vw,46px);letter-spacing:-.01em;margin:0}
h2{font-size:27px;margin:0 0 10px}
h3{font-size:18px;margin:0}
h3 small{font:13px/1 -apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue","Liberation Sans",Arial,sans-serif;color:var(--muted);margin-left:6px}
p{margin:0 0 16px;max-width:44em;overflow-wrap:anywhere;text-wrap:pretty}
ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
a{color:inherit;text-decoration-color:var(--rule);text-underline-offset:4px;text-decoration-thickness:1px}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--blue);outline-offset:3px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em}
code{overflow-wrap:anywhere}
.kicker,.figures dt{font-size:13px;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);margin:0}
.kicker{margin-bottom:10px}
.run{color:var(--muted);margin:12px 0 0}
.note{font-size:14px;line-height:1.5;color:var(--muted);margin:12px 0 0}
.figures{display:flex;flex-wrap:wrap;gap:28px 56px;margin:44px 0 40px;align-items:end}
.figures b{display:block;font-size:34px;margin:4px 0 2px;font-variant-numeric:lining-nums}
.figures div:first-child b{font-size:clamp(56px,11vw,92px);line-height:1;letter-spacing:-.02em;color:var(--blue)}
.figures div:first-child{flex:1 1 330px}
.figures span{color:var(--muted);font-size:15px}
nav{border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);padding:11px 0;font-size:15px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 24px}
section{margin-top:72px;scroll-margin-top:24px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:36px}
.pair>*{min-width:0}
.scroll{overflow-x:auto;background:
  linear-gradient(90deg,var(--paper) 40%,transparent) 0 0/36px 100% no-repeat local,
  linear-gradient(-90deg,var(--paper) 40%,transparent) 100% 0/36px 100% no-repeat local,
  linear-gradient(90deg,var(--rule),transparent) 0 2px/14px calc(100% - 4px) no-repeat scroll,
  linear-gradient(-90deg,var(--rule),transparent) 100% 2px/14px calc(100% - 4px) no-repeat scroll}
table{border-collapse:collapse;font-variant-numeric:tabular-nums lining-nums}
table.numbers{min-width:100%;font-size:15px}
.numbers th,.numbers td{padding:6px 0 6px 22px;text-align:right;font-weight:400;white-space:nowrap;border-bottom:1px solid var(--rule)}
.numbers th:first-child{padding-left:0;text-align:left}
.numbers .text{text-align:left}
.numbers thead th{color:var(--muted);font-size:13px;vertical-align:bottom}
.numbers tfoot th,.numbers tfoot td{font-weight:600;border-bottom:0}
details{margin-top:20px}
summary{cursor:pointer;padding:8px 0}
figure+.scroll,.pair~.scroll{margin-top:28px}
pre{background:var(--plate);border-radius:6px;padding:16px 18px;margin:0 0 18px;overflow-x:auto;white-space:pre-wrap;
  overflow-wrap:anywhere;user-select:all}
pre span{display:inline-block;max-width:100%}
.facts{display:grid;grid-template-columns:1fr 1fr;column-gap:36px}
.facts div{display:grid;grid-template-columns:130px 1fr;gap:4px 20px;padding:7px 0;border-bottom:1px solid var(--rule);font-size:15px}
.facts dt{color:var(--muted);overflow-wrap:anywhere}
.facts dd{overflow-wrap:anywhere}
@media (max-width:820px){.pair,.facts{grid-template-columns:1fr}}
@media screen and (max-width:820px){.figures div:first-child{flex-basis:100%}}
@media (max-width:560px){
main{padding:32px 16px 64px}
section{margin-top:56px}
.figures{gap:22px 28px;margin:30px 0 28px}
.figures div{flex:1 1 130px}
.figures b{font-size:27px}
.facts div{grid-template-columns:110px 1fr;gap:4px 12px}
.numbers th,.numbers td{padding-left:16px}
}
@media print{
:root{--paper:#fff}
body{font-size:10.5pt}
main{max-width:none;padding:0}
.pair:not(.wide-left){grid-template-columns:1fr 1fr;gap:20px}
.figures{gap:16px 30px;margin:24px 0}
.figures b{font-size:22px}
.figures span{font-size:12px}
.figures div:first-child{flex-basis:180px}
.figures div:first-child b{font-size:60px}
details::details-content{content-visibility:visible;block-size:auto}
nav{display:none}
section{margin-top:32pt}
h2,h3,figcaption{break-after:avoid}
figure,tr,.gallery li,.layers li,.figures{break-inside:avoid}
.scroll{overflow:visible;background:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
