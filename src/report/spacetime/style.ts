/** Of the diagram, behind the reports' own style. */
export const diagramStyle = `
body.spacetime { max-width: none; }
.diagram { max-width: none; font-size: 11px; }
.diagram text { paint-order: stroke; stroke: white; stroke-width: 3px; stroke-linejoin: round; }
.diagram .name { font-size: 13px; font-weight: 600; }
.diagram .client-name { font-weight: 400; fill: #595959; }
.up { stroke: #1a1a1a; stroke-width: 2; }
.down { stroke: #b00020; stroke-width: 2; stroke-dasharray: 2 5; }
.client-line { stroke: #d0d0d0; }
.operation rect { fill: #d0d0d0; stroke: #8a8a8a; stroke-width: .7; }
.operation.open rect { fill: #f3d9c6; }
.message path { stroke-width: 1.3; }
.message .cross, .crash circle, .violation circle { stroke: #b00020; fill: #b00020; stroke-width: 2; }
.message.client { opacity: .55; }
.message.quiet { opacity: .35; stroke-width: .6; }
.message:hover path { stroke-width: 3; }
.decision { fill: white; stroke: #009e73; stroke-width: 1.5; }
.record { fill: #1a1a1a; }
.timer circle { fill: white; stroke: #595959; }
.execution circle, .note circle, .start circle { fill: #009e73; }
.shade { fill: #e69f00; opacity: .35; }
.shade.paused { fill: url(#hatch); opacity: .7; }
.band { fill: #d55e00; opacity: .6; }
.onset { stroke: #d55e00; stroke-width: .8; stroke-dasharray: 3 3; }
.violation path { stroke: #b00020; stroke-width: 1.5; opacity: .4; }
.violation text { font-weight: 700; font-size: 13px; }
.time { fill: #595959; font-variant-numeric: tabular-nums; }
.tick { stroke: #8a8a8a; }
.gap rect { fill: #f4f4f4; }
.gap text { fill: #595959; font-style: italic; }
.legend { border: 1px solid #ddd; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: 13px; }
.legend svg { margin: 0 .3rem; }
.key { font-size: 13px; color: #595959; }
@media print { .diagram { max-width: 100%; max-height: none; } .legend input { display: none; } }
`;
