// What both ways of arranging a picture share.

const CHARACTER = 7.25;

/** How wide a box is so that its name fits; very long names are clipped. */
export const boxWidth = ({ name }) => Math.round(Math.min(276, Math.max(168, name.length * CHARACTER + 34)));

/** Whether an arrow leads back to an earlier lane; the layout takes it the other way around. */
export const isTurned = (edge, levels) => levels.get(edge.source) > levels.get(edge.table);
