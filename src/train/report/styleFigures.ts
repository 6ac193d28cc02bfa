/** Charts, heat maps, pictures, bars. */
export const FIGURE_STYLE: string = `
svg{display:block;overflow:visible}
.chart{width:100%;max-width:600px;height:auto;margin-top:8px}
.chart text{font-size:12.5px;fill:var(--muted);font-variant-numeric:tabular-nums lining-nums}
.grid{stroke:var(--rule);stroke-width:1}
.axis{stroke:var(--muted);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
path.test{stroke:var(--blue);stroke-width:2.5}
path.train{stroke:var(--orange);stroke-dasharray:1 5}
path.steps{stroke:var(--grey);stroke-width:1;opacity:.55}
circle.disc{fill:var(--blue)}
circle.ring{fill:var(--paper);stroke:var(--orange);stroke-width:2}
.strip rect{fill:transparent}
.strip line{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 3;visibility:hidden;pointer-events:none}
.strip:hover line{visibility:visible}
.legend{display:flex;flex-wrap:wrap;gap:2px 20px;font-size:14px;color:var(--muted);margin-top:6px}
.legend li{display:flex;align-items:center;gap:6px}
.legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
.key{width:26px;height:10px;flex:none}
.ramp{display:flex}
.ramp i{width:11px;height:11px}
.matrix{margin:0 0 14px;border-collapse:separate;border-spacing:1px}
.matrix caption{text-align:left;color:var(--muted);font-size:14px;padding-bottom:10px}
.matrix th{font-weight:400;font-size:14px;color:var(--muted);padding:3px 6px;white-space:nowrap}
.matrix th span{display:block;overflow:hidden;text-overflow:ellipsis}
.matrix th[scope=row]{text-align:right;padding-right:10px}
.matrix th[scope=row] span{max-width:9em}
.matrix td{width:44px;min-width:44px;height:40px;text-align:center;font-size:14px;padding:0 4px}
.matrix td i{color:var(--rule);font-style:normal}
.matrix .miss{color:var(--orange);font-weight:600}
.matrix .sum{font-size:13px;color:var(--muted);min-width:52px}
.matrix.upright thead th{vertical-align:bottom}
.matrix.upright thead span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:9em;display:inline-block}
img{display:block;image-rendering:pixelated;height:auto}
.wide-left{grid-template-columns:auto minmax(240px,1fr);gap:36px 56px}
.wide-left h3+table{margin:6px 0 28px}
.matrix-picture{width:600px;max-width:100%;border:1px solid var(--rule)}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:26px 28px}
.gallery figure{display:flex;gap:14px;align-items:flex-start}
.gallery .photo{width:92px;flex:none;border-radius:3px}
.gallery figcaption{flex:1;min-width:0;font-size:14px;line-height:1.3}
.gallery dl div+div{margin-top:7px}
.gallery dt{color:var(--muted);font-size:13px}
.gallery dd{display:grid;grid-template-columns:1fr auto;gap:3px 8px;align-items:baseline}
.gallery dd b{overflow-wrap:anywhere}
.gallery dd span{font-variant-numeric:tabular-nums}
.gallery .bar{grid-column:1/-1}
.gallery .note{font-size:12px;margin-top:6px}
.bar{width:100%;height:5px}
.bar .track{fill:var(--rule)}
.bar .wrong{fill:var(--orange)}
.bar .right{fill:var(--blue)}
.bar .work{fill:var(--blue);opacity:.75}
.gauge{width:18%;min-width:90px}
.gauge .bar{height:8px}
.filters{display:flex;flex-wrap:wrap;gap:14px}
.filters li{display:grid;grid-auto-flow:column;gap:3px;text-align:center;font-size:12px;color:var(--muted)}
.filters span{grid-row:2;grid-column:1/-1}
.filter{width:56px;border:1px solid var(--rule)}
.signed-key{display:flex;align-items:center;gap:10px;font-size:14px;color:var(--muted);margin-top:16px}
.ramp-picture{width:190px;height:11px;border:1px solid var(--rule)}
.layers li{display:grid;grid-template-columns:190px 1fr;gap:8px 24px;padding:16px 0;border-top:1px solid var(--rule);align-items:center}
.what{font-size:14px;line-height:1.4}
.what b,.what code,.what span{display:block}
.what b{font-weight:600;display:inline;margin-right:8px}
.what code{display:inline;color:var(--muted)}
.what span{color:var(--muted);font-size:13px}
.few .filter{width:92px}
.maps{display:grid;grid-template-columns:repeat(8,1fr);gap:6px;min-width:0;max-width:800px}
.map{width:100%;border:1px solid var(--rule)}
.layers .photo{width:112px;grid-column:1/-1}
.strip{grid-column:1/-1;width:100%;border:1px solid var(--rule)}
img.strip{height:26px}
.more{font-size:13px;color:var(--muted);grid-column:1/-1}
.answer{max-width:420px;font-size:14px}
.answer div{display:grid;grid-template-columns:minmax(20px,auto) 1fr 52px;gap:12px;align-items:center}
.answer dd{display:contents}
.answer span{text-align:right;font-variant-numeric:tabular-nums}
.memory{width:100%;height:34px;margin:4px 0 14px;border-radius:3px;overflow:hidden}
.swatch{display:inline-block;width:11px;height:11px;margin-right:9px}
.weights{fill:var(--blue)}
.activations{fill:var(--teal)}
.gradients{fill:var(--orange)}
.optimizer{fill:var(--plum)}
.scratch{fill:var(--grey)}
@media screen and (prefers-color-scheme:dark){.map,.filter.signed,.strip,.ramp-picture,.matrix-picture{filter:brightness(1.35)}}
@media (max-width:820px){.wide-left{grid-template-columns:1fr}}
@media (max-width:560px){
.chart text{font-size:16px}
.matrix{width:100%}
.matrix td,.matrix .sum{width:auto;min-width:23px;height:27px;font-size:11.5px;padding:0}
.matrix th{font-size:12px;padding:2px}
.matrix th[scope=row] span{max-width:6em}
.matrix th[scope=row]{padding-right:4px}
.gallery{grid-template-columns:1fr;gap:18px}
.gallery .photo{width:84px}
.gallery dl>div{display:grid;grid-template-columns:68px 1fr;align-items:baseline}
.layers li{grid-template-columns:1fr}
.maps{gap:4px}
.maps.few{grid-template-columns:repeat(4,1fr)}
.few .filter{width:76px}
.gauge,.gloss{display:none}
}
@media print{.chart text{font-size:18px}}
`;
